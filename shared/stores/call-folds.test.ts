// The states of calls as their streams tell them, read piece by piece.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import type { CallFact } from '../call/call-event.ts';
import { foldCallEvents } from '../call/call-state.ts';
import { CallFolds } from './call-folds.ts';
import { makeEvent, newCallId } from './call-stream.contract.ts';
import { createMemoryStores } from './memory-stores.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';

const created: CallFact = {
  type: 'call-created',
  carrier: 'twilio',
  direction: 'outbound',
  remoteParty: '+15550100',
  ourNumber: '+15550199',
  agent: 'receptionist',
};
const turn = (text: string): CallFact => ({ type: 'turn-finished', role: 'caller', text, interrupted: false });

function setUp() {
  const { stores, live, history } = createFaultyStores(createMemoryStores());
  let read = 0;
  const { readOn } = stores.stream;
  const stream = Object.assign(Object.create(stores.stream) as typeof stores.stream, {
    append: stores.stream.append,
    readOn: async (...args: Parameters<typeof readOn>) => {
      const found = await readOn(...args);
      read += found.events.length;
      return found;
    },
  });
  return { stores, live, history, folds: new CallFolds(stream, stores.history), countRead: () => read };
}

it('folds each event once, however often the call is asked for', async () => {
  const { stores, folds, countRead } = setUp();
  const callId = newCallId();
  assert.equal(await folds.read(callId), undefined);
  await stores.stream.append(makeEvent(callId, created));
  for (let i = 0; i < 500; i++) {
    await stores.stream.append(makeEvent(callId, turn(String(i))));
    assert.equal((await folds.read(callId))?.state.turns.length, i + 1);
  }
  assert.equal(countRead(), 501);
  assert.deepEqual((await folds.read(callId))?.state, foldCallEvents(callId, await stores.stream.read(callId)));
});

it('folds each event once when many ask at the same time, and tells each what stood there when it asked', async () => {
  const { stores, folds } = setUp();
  const callId = newCallId();
  await stores.stream.append(makeEvent(callId, created));
  const asked: Promise<number | undefined>[] = [];
  for (let i = 0; i < 50; i++) {
    await stores.stream.append(makeEvent(callId, turn(String(i))));
    asked.push(folds.read(callId).then((fold) => fold?.state.turns.length));
    asked.push(folds.read(callId).then((fold) => fold?.state.turns.length));
  }
  const lengths = await Promise.all(asked);
  for (const [i, length] of lengths.entries())
    assert.ok(length! > Math.floor(i / 2), `asked for ${i}, found ${length}`);
  assert.equal((await folds.read(callId))?.state.turns.length, 50);
});

it('goes on where it was after the stream was away', async () => {
  const { stores, live, folds } = setUp();
  const callId = newCallId();
  await stores.stream.append(makeEvent(callId, created));
  await folds.read(callId);
  live.become('away');
  await assert.rejects(folds.read(callId), { code: 'STORE_UNAVAILABLE' });
  assert.equal(folds.peek(callId)?.agent, 'receptionist');
  live.become('well');
  await stores.stream.append(makeEvent(callId, turn('Hello?')));
  assert.equal((await folds.read(callId))?.state.version, 2);
});

it('goes on from the history, from where that was folded, when the stream lost the beginning of a call', async () => {
  const { stores, folds } = setUp();
  const callId = newCallId();
  for (const text of ['one', 'two']) await stores.stream.append(makeEvent(callId, turn(text)));
  const { cursor } = await stores.stream.readOn(callId, undefined);
  const state = foldCallEvents(callId, [makeEvent(callId, created), ...(await stores.stream.read(callId))]);
  await stores.history.save({ ...state, streamCursor: cursor });
  await stores.stream.append(makeEvent(callId, turn('three')));
  const found = await folds.read(callId);
  assert.deepEqual(
    found?.state.turns.map(({ text }) => text),
    ['one', 'two', 'three'],
  );
  assert.equal(found?.state.agent, 'receptionist');
});

it('does not take a call for whole whose beginning cannot be looked up now', async () => {
  const { stores, folds, history } = setUp();
  const callId = newCallId();
  await stores.stream.append(makeEvent(callId, turn('two')));
  await stores.history.save({ ...foldCallEvents(callId, [makeEvent(callId, created)]), streamCursor: '0' });
  history.become('away');
  const partial = await folds.read(callId);
  assert.deepEqual([partial?.state.turns.length, partial?.state.agent, partial?.lacksBeginning], [1, undefined, true]);
  history.become('well');
  const whole = await folds.read(callId);
  assert.deepEqual(
    [whole?.state.turns.length, whole?.state.agent, whole?.lacksBeginning],
    [1, 'receptionist', undefined],
  );
});

it('remembers a bounded number of calls', async () => {
  const { stores, folds } = setUp();
  const callIds = Array.from({ length: 1001 }, newCallId);
  for (const callId of callIds) {
    await stores.stream.append(makeEvent(callId, created));
    await folds.read(callId);
  }
  assert.equal(folds.peek(callIds[0]!), undefined);
  assert.ok(folds.peek(callIds[1]!));
});

it('remembers no call that nobody asked for in as long as the stream remembers one that is over', async (t: TestContext) => {
  const { stores, folds, countRead } = setUp();
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const [left, live, other] = [newCallId(), newCallId(), newCallId()];
  const readAt = async (atMs: number, ...callIds: ReturnType<typeof newCallId>[]) => {
    nowMs = atMs;
    for (const callId of callIds) await folds.read(callId);
  };
  for (const callId of [left, live]) await stores.stream.append(makeEvent(callId, created));
  await readAt(0, left, live);
  await readAt(1_800_000, live);
  await readAt(3_599_999, other);
  assert.ok(folds.peek(left));
  await readAt(3_600_000, other);
  assert.equal(folds.peek(left), undefined);
  assert.ok(folds.peek(live));
  await readAt(3_600_000, left);
  assert.ok(folds.peek(left));
  assert.equal(countRead(), 3);
});

it('knows nothing any more of a call that is over and that the stream has forgotten: the history does', async () => {
  const { stores, folds } = setUp();
  const callId = newCallId();
  await stores.stream.append(makeEvent(callId, created));
  await stores.stream.append(makeEvent(callId, { type: 'call-ended', reason: 'caller-hung-up' }));
  assert.equal((await folds.read(callId))?.state.phase, 'ended');
  await stores.stream.forget(callId);
  assert.equal(await folds.read(callId), undefined);
});
