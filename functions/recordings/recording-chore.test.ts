// Looking after recordings: what nobody told of is looked for, what is not there is missing, and copies are removed in the end.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import type { CarrierFile, CarrierRecordings } from '../../shared/telephony/carrier-recordings.ts';
import { RecordingChore } from './recording-chore.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const file: CarrierFile = { recordingId: 'r', part: 0, content: 'r', copy: 'r' };

function setUp(files: readonly CarrierFile[] | Error, keepFails?: Error) {
  const facts: CallFact['type'][] = [];
  const kept: CarrierFile[] = [];
  let removals = 0;
  const list = async () => {
    if (files instanceof Error) throw files;
    return files;
  };
  const chore = new RecordingChore({
    ledger: { record: async (_callId, { type }) => facts.push(type) > 0 },
    recordings: new Map([['twilio', { list } as unknown as CarrierRecordings]]),
    keeper: {
      keep: async (_callId, _carrier, one) => {
        if (keepFails) throw keepFails;
        kept.push(one);
      },
      removeCopies: async () => void removals++,
    },
    log,
  });
  const run = (recording: CallState['recording']) =>
    chore.run({
      ...newCallState('call-1' as CallId),
      phase: 'ended',
      carrier: 'twilio',
      carrierCallId: 'CA1',
      recording,
    });
  return { run, facts, kept, removals: () => removals };
}
const awaited = (forMs: number) =>
  ({ status: 'awaited', recordingId: 'r', files: [], endedAt: Date.now() - forMs, isOverdue: forMs > hourMs }) as const;

it('has nothing to do for a call that was not recorded, or was and is in order', async () => {
  const { run, kept } = setUp([file]);
  assert.equal(await run(undefined), true);
  assert.equal(await run({ status: 'refused', files: [] }), true);
  assert.equal(await run({ status: 'kept', files: [], isRemovedAtCarrier: true }), true);
  assert.deepEqual(kept, []);
});

it('waits ten minutes for the carrier to tell, and then looks for the file', async () => {
  const { run, kept } = setUp([file]);
  assert.equal(await run(awaited(9 * minuteMs)), false);
  assert.deepEqual(kept, []);
  assert.equal(await run(awaited(11 * minuteMs)), true);
  assert.deepEqual(kept, [file]);
});

it('leaves a file alone that somebody else is bringing, and comes again when it cannot be had now', async () => {
  assert.equal(await setUp([file], new AppError('CALL_IN_USE', 'another process')).run(awaited(11 * minuteMs)), true);
  const away = new AppError('STORE_UNAVAILABLE', { store: 'Blob Storage', problem: 'away' });
  await assert.rejects(setUp([file], away).run(awaited(11 * minuteMs)), away);
  const busy = new AppError('CARRIER_UNAVAILABLE', 'busy');
  await assert.rejects(setUp(busy).run(awaited(11 * minuteMs)), busy);
});

it('says once that a file is overdue', async () => {
  const { run, facts } = setUp([]);
  assert.equal(await run(awaited(11 * minuteMs)), false);
  assert.deepEqual(facts, ['recording-overdue']);
  assert.equal(await run({ ...awaited(12 * minuteMs), isOverdue: true }), false);
  assert.deepEqual(facts, ['recording-overdue']);
});

it('calls a recording missing once no carrier would have it any more', async () => {
  const { run, facts } = setUp([]);
  assert.equal(await run(awaited(24 * 60 * minuteMs)), false);
  assert.deepEqual(facts, []);
  assert.equal(await run(awaited(26 * 60 * minuteMs)), true);
  assert.deepEqual(facts, ['recording-missing']);
});

it('has the carrier remove a copy that it still has', async () => {
  const { run, removals } = setUp([]);
  assert.equal(await run({ status: 'kept', files: [{ name: 'c/0.wav', part: 0, bytes: 9, atCarrier: 'r' }] }), true);
  assert.equal(removals(), 1);
});
