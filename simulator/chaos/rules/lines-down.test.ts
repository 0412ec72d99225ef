// For how long a caller's line may be down.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallRecord, PlayedFault, WorldRecord } from '../world-record.ts';
import { findExcused } from './lines-down.ts';

const call = {
  plan: { number: '+15550100', carrier: 'acs' },
  sockets: [],
  events: [{ type: 'media-started', replica: 'vm-1', at: 500 }],
} as unknown as CallRecord;

function find(...faults: PlayedFault[]) {
  return findExcused(
    { faults, startedAt: 0, machineOfReplica: { 'vm-1': 'bridge-1' } } as unknown as WorldRecord,
    call,
  );
}

it('a call without a line has none for as long as its carrier reaches no bridge', () => {
  const refused = { name: 'media of acs refused', fromMs: 10_000, toMs: 14_000, takesAway: 'carrier' } as const;
  const world = { faults: [refused], startedAt: 0 } as unknown as WorldRecord;
  const sockets = [{ fromMs: 1_000, toMs: 11_000 }];
  assert.deepEqual(findExcused(world, { ...call, sockets }), [{ fromMs: 11_000, toMs: 14_000 }]);
  const ofTwilio = { ...world, faults: [{ ...refused, name: 'media of twilio refused' }] };
  assert.deepEqual(findExcused(ofTwilio, { ...call, sockets }), []);
});

const lost = { fromMs: 10_000, toMs: 30_000, takesLineOf: { machine: 'bridge-1' } };

it("a line that is lost is another bridge's within five seconds", () => {
  assert.deepEqual(find({ ...lost, name: 'bridge killed' }), [{ fromMs: 10_000, toMs: 15_000 }]);
});

it('who misses a bridge that sleeps does so by Redis, which is not needed where sockets break', () => {
  const redis = { name: 'Redis slow', fromMs: 8_000, toMs: 14_000 };
  assert.deepEqual(find({ ...lost, name: 'bridge paused' }, redis), [{ fromMs: 10_000, toMs: 19_000 }]);
  assert.deepEqual(find({ ...lost, name: 'link of a bridge a black hole' }, redis), [{ fromMs: 10_000, toMs: 19_000 }]);
  assert.deepEqual(find({ ...lost, name: 'bridge killed' }, redis), [{ fromMs: 10_000, toMs: 15_000 }]);
});
