// Who is owed a reply by the agent, and who waits for somebody else.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallRecord, WorldRecord } from '../world-record.ts';
import { findOwedSilences } from './owed-replies.ts';

const createCall = (parts: object) =>
  ({
    plan: { number: '+15550100', pickup: 'answers', direction: 'inbound' },
    pressedAtMs: [],
    events: [],
    transfers: [],
    ...parts,
  }) as unknown as CallRecord;

it('while the carrier rings another phone for the caller the agent owes nothing, be it written down or not', () => {
  const find = (transfers: CallRecord['transfers']) => {
    const call = createCall({
      line: { fromMs: 0, toMs: 60_000 },
      sounds: [{ fromMs: 0, toMs: 3_000 }],
      said: [
        { fromMs: 3_500, toMs: 5_000, text: 'A person, please.' },
        { fromMs: 30_000, toMs: 31_000, text: 'Hello?' },
      ],
      transfers,
    });
    return findOwedSilences({ calls: [call], faults: [], startedAt: 0 } as unknown as WorldRecord, call);
  };
  const asked = { fromMs: 5_000, toMs: 30_000 };
  const hello = { fromMs: 31_000, toMs: 60_000 };
  assert.deepEqual(find([]), [asked, hello]);
  assert.deepEqual(find([{ fromMs: 5_000, toMs: 29_000 }]), [hello]);
  assert.deepEqual(find([{ fromMs: 9_000, toMs: 29_000 }]), [{ fromMs: 5_000, toMs: 9_000 }, hello]);
  assert.deepEqual(find([{ fromMs: 4_900, toMs: Number.POSITIVE_INFINITY }]), []);
});

it('a reply is over where the history alone says so, and where the machine was killed that knew', () => {
  const find = (turns: readonly object[], faults: readonly object[] = [], events: readonly object[] = []) => {
    const call = createCall({
      line: { fromMs: 0, toMs: 20_000 },
      sounds: [
        { fromMs: 0, toMs: 3_000 },
        { fromMs: 8_500, toMs: 12_000 },
      ],
      said: [{ fromMs: 6_000, toMs: 8_000, text: 'Are you open on Saturday?' }],
      events: [{ type: 'media-started', at: 0, replica: 'one' }, ...events],
      history: { turns },
    });
    const machineOfReplica = { one: 'bridge-1' };
    return findOwedSilences({ calls: [call], faults, startedAt: 0, machineOfReplica } as unknown as WorldRecord, call);
  };
  const answered = { fromMs: 8_000, toMs: 8_500 };
  assert.deepEqual(find([{ role: 'agent', at: 3_100 }]), [answered]);
  const killed = { isKill: true, machine: 'bridge-1', fromMs: 5_000, toMs: 9_000 };
  assert.deepEqual(find([], [killed]), [answered]);
  const broken = { fromMs: 3_000, toMs: 6_000 };
  assert.deepEqual(find([], [{ ...killed, machine: 'bridge-2' }]), [answered, broken]);
  assert.deepEqual(find([]), [answered, broken]);
  const lost = { type: 'model-lost', at: 1_000 };
  const said = { type: 'turn-finished', role: 'agent', at: 1_000 };
  assert.deepEqual(find([], [], [lost, { ...said, interrupted: false }]), [answered], 'the rest was heard');
  assert.deepEqual(find([], [], [lost, { ...said, interrupted: true }]), [answered, broken]);
  assert.deepEqual(find([], [], [{ ...said, interrupted: false }]), [answered, broken]);
});

it('who presses a key and then speaks is owed an answer when they have spoken', () => {
  const find = (fromMs: number, socketToMs = 9_000) => {
    const call = createCall({
      line: { fromMs: 0, toMs: 9_000 },
      sockets: [
        { fromMs: 0, toMs: socketToMs },
        { fromMs: 1_250, toMs: 9_000 },
      ],
      sounds: [
        { fromMs: 0, toMs: 1_000 },
        { fromMs: 6_000, toMs: 9_000 },
      ],
      said: [{ fromMs, toMs: 5_000, text: 'Please tell me about your company.' }],
      pressedAtMs: [1_000],
      events: [{ type: 'turn-finished', role: 'agent', at: 1_000 }],
    });
    return findOwedSilences({ calls: [call], faults: [], startedAt: 0 } as unknown as WorldRecord, call);
  };
  const spokenTo = { fromMs: 5_000, toMs: 6_000 };
  assert.deepEqual(find(2_500), [spokenTo]);
  assert.deepEqual(find(3_500), [spokenTo, { fromMs: 3_000, toMs: 3_500 }]);
  assert.deepEqual(find(3_500, 900), [spokenTo], 'nobody was told of the key');
});
