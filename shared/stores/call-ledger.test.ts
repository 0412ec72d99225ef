// What the ledger writes where, and what it finds again.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallFact } from '../call/call-event.ts';
import { CallLedger } from './call-ledger.ts';
import { MemoryCallHistory } from './memory-call-history.ts';
import { MemoryCallStream } from './memory-call-stream.ts';

const callId = 'call-1' as CallId;
const created: CallFact = {
  type: 'call-created',
  carrier: 'twilio',
  direction: 'outbound',
  remoteParty: '+15550100',
  ourNumber: '+15550199',
  agent: 'receptionist',
};
const turn: CallFact = { type: 'turn-finished', role: 'caller', text: 'Hello?', interrupted: false };

function newLedger() {
  let now = 0;
  const stream = new MemoryCallStream({ now: () => now });
  const history = new MemoryCallHistory();
  return { stream, history, ledger: new CallLedger(stream, history), pass: (ms: number) => (now += ms) };
}

it('gives each fact an id, its call and a time', async () => {
  const { ledger, stream } = newLedger();
  const before = Date.now();
  await ledger.record(callId, created);
  await ledger.record(callId, turn, { id: 'turn-1', at: 7 });
  const [first, second] = await stream.read(callId);
  assert.match(first!.id, /^[0-9a-f-]{36}$/);
  assert.ok(first!.at >= before);
  assert.deepEqual(second, { ...turn, id: 'turn-1', callId, at: 7 });
});

it('tells a repeated fact from a new one', async () => {
  const { ledger, stream } = newLedger();
  assert.equal(await ledger.record(callId, created, { id: 'same' }), true);
  assert.equal(await ledger.record(callId, created, { id: 'same' }), false);
  assert.equal((await stream.read(callId)).length, 1);
});

it('shows in the history what an operator looks for, at once', async () => {
  const { ledger, history } = newLedger();
  await ledger.record(callId, created);
  assert.equal((await history.find(callId))?.remoteParty, '+15550100');
  await ledger.record(callId, turn);
  assert.equal((await history.find(callId))?.turns.length, 1);
  await ledger.record(callId, { type: 'call-ended', reason: 'busy' });
  assert.equal((await history.find(callId))?.endReason, 'busy');
});

it('does not write the history for what only matters live, and brings it along later', async () => {
  const { ledger, history } = newLedger();
  await ledger.record(callId, created);
  await ledger.record(callId, { type: 'carrier-accepted', carrierCallId: 'CA1' });
  assert.equal((await history.find(callId))?.carrierCallId, undefined);
  await ledger.record(callId, { type: 'call-connected' });
  assert.equal((await history.find(callId))?.carrierCallId, 'CA1');
});

it('mends the history by the repeat of a fact whose first writer died halfway', async () => {
  const { ledger, history, stream } = newLedger();
  await stream.append({ ...created, id: 'created', callId, at: 1 });
  assert.equal(await history.find(callId), undefined);
  assert.equal(await ledger.record(callId, created, { id: 'created' }), false);
  assert.equal((await history.find(callId))?.agent, 'receptionist');
});

it('finds a live call as it is now, and an old one as it was kept', async () => {
  const { ledger, pass } = newLedger();
  await ledger.record(callId, created);
  await ledger.record(callId, { type: 'call-ringing' });
  assert.equal((await ledger.find(callId))?.phase, 'ringing');
  await ledger.record(callId, { type: 'call-ended', reason: 'no-answer' });
  pass(3_600_000);
  assert.equal((await ledger.find(callId))?.endReason, 'no-answer');
  assert.equal(await ledger.find('nobody' as CallId), undefined);
});

it('finds an old call whole even when a straggler began its stream anew', async () => {
  const { ledger, pass } = newLedger();
  await ledger.record(callId, created);
  await ledger.record(callId, { type: 'call-ended', reason: 'no-answer' });
  pass(3_600_000);
  await ledger.record(callId, { type: 'media-stopped', replica: 'bridge-1', clean: true });
  const found = await ledger.find(callId);
  assert.equal(found?.phase, 'ended');
  assert.equal(found?.remoteParty, '+15550100');
});

it('goes on from the history when the stream lost its data in the middle of a call', async () => {
  const history = new MemoryCallHistory();
  const before = new CallLedger(new MemoryCallStream(), history);
  await before.record(callId, created);
  await before.record(callId, turn);
  const after = new CallLedger(new MemoryCallStream(), history);
  await after.record(callId, { ...turn, text: 'Still there?' }, { id: 'turn-2' });
  await after.record(callId, { ...turn, text: 'Still there?' }, { id: 'turn-2' });
  await after.record(callId, { type: 'call-ended', reason: 'caller-hung-up' });
  const found = await after.find(callId);
  assert.deepEqual(
    found?.turns.map(({ text }) => text),
    ['Hello?', 'Still there?'],
  );
  assert.equal(found?.phase, 'ended');
  assert.equal(found?.remoteParty, '+15550100');
  assert.deepEqual(await history.find(callId), found);
});

it('finds a call whose first facts came out of order', async () => {
  const { ledger, stream } = newLedger();
  await stream.append({ type: 'call-ringing', id: 'early', callId, at: 1 });
  assert.equal((await ledger.find(callId))?.phase, 'ringing');
});
