// What the ledger writes, what it finds, and what it makes others wait for: nothing.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallFact } from '../call/call-event.ts';
import { foldCallEvents } from '../call/call-state.ts';
import { silentLogger as log } from '../logger.ts';
import type { CallHistory } from './call-history.ts';
import { CallLedger } from './call-ledger.ts';
import { createMemoryStores } from './memory-stores.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';
import { watchStores } from './watched-stores.ts';

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
const ended: CallFact = { type: 'call-ended', reason: 'caller-hung-up' };

/** Timers of node:test do not stop setImmediate. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass step by step, and all that happens in it happen. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    mock.timers.tick(Math.min(100, ms - passed));
    await settle();
  }
}

/** The same until something has happened. */
async function passUntil<Value>(done: Promise<Value>): Promise<Value> {
  let isDone = false;
  const end = () => {
    isDone = true;
  };
  done.then(end, end);
  while (!isDone) await pass(100);
  return done;
}

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  t.after(() => mock.timers.reset());
  const kept = createMemoryStores();
  const faulty = createFaultyStores(kept);
  const stores = watchStores(faulty.stores, { live: 'Redis', history: 'Cosmos DB' }, log);
  const newLedger = () => new CallLedger(stores.stream, stores.history, log);
  return { ...faulty, kept, newLedger, ledger: newLedger() };
}

describe('what is recorded', () => {
  it('has an id, its call and a time', async (t) => {
    const { ledger, kept } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, turn, { id: 'turn-1', at: 7 });
    const [first, second] = await kept.stream.read(callId);
    assert.match(first!.id, /^[0-9a-f-]{36}$/);
    assert.equal(first!.at, 1000);
    assert.deepEqual(second, { ...turn, id: 'turn-1', callId, at: 7 });
  });

  it('is told from what was known', async (t) => {
    const { ledger, kept } = setUp(t);
    assert.equal(await ledger.record(callId, created, { id: 'same' }), true);
    assert.equal(await ledger.record(callId, created, { id: 'same' }), false);
    assert.equal((await kept.stream.read(callId)).length, 1);
  });

  it('waits for no history', async (t) => {
    const { ledger, history, kept } = setUp(t);
    history.become('hanging');
    assert.equal(await ledger.record(callId, created), true);
    assert.equal(await ledger.post(callId, ended), 'added');
    assert.equal((await kept.stream.read(callId)).length, 2);
  });

  it('is refused while the stream is away', async (t) => {
    const { ledger, live } = setUp(t);
    live.become('away');
    await assert.rejects(ledger.record(callId, created), { code: 'STORE_UNAVAILABLE' });
  });
});

describe('what is posted', () => {
  it('is told from what was known while the stream is well', async (t) => {
    const { ledger } = setUp(t);
    assert.equal(await ledger.post(callId, ended, { id: 'end' }), 'added');
    assert.equal(await ledger.post(callId, ended, { id: 'end' }), 'known');
  });

  it('is written once the stream is back, and waited for once at most', async (t) => {
    const { ledger, live, kept } = setUp(t);
    live.become('hanging');
    const startedAt = Date.now();
    assert.equal(await passUntil(ledger.post(callId, created, { id: 'created' })), 'later');
    assert.equal(await passUntil(ledger.post(callId, ended, { id: 'end' })), 'later');
    assert.ok(Date.now() - startedAt <= 500, `it took ${Date.now() - startedAt} ms`);
    assert.equal(ledger.backlog.events, 2);
    live.become('well');
    await pass(6000);
    assert.deepEqual(
      (await kept.stream.read(callId)).map(({ id }) => id),
      ['created', 'end'],
    );
    assert.equal((await kept.history.find(callId))?.phase, 'ended');
  });

  it('is known here before it is written', async (t) => {
    const { ledger, live } = setUp(t);
    await ledger.record(callId, created);
    await ledger.find(callId);
    live.become('away');
    await ledger.post(callId, { type: 'carrier-accepted', carrierCallId: 'CA1' });
    const found = await ledger.findLive(callId);
    assert.deepEqual([found?.carrierCallId, found?.agent], ['CA1', 'receptionist']);
    const other = 'call-2' as CallId;
    await ledger.post(other, created);
    assert.equal((await ledger.findLive(other))?.remoteParty, '+15550100');
  });
});

describe('the history', () => {
  it('shows at once what an operator looks for', async (t) => {
    const { ledger, kept } = setUp(t);
    await ledger.record(callId, created);
    await settle();
    assert.equal((await kept.history.find(callId))?.remoteParty, '+15550100');
  });

  it('has each finished turn within a second, and is written once for all that a second brings', async (t) => {
    const { ledger, kept } = setUp(t);
    const saved: number[] = [];
    const { save } = kept.history;
    kept.history.save = (call) => {
      saved.push(call.version);
      return save.call(kept.history, call);
    };
    await ledger.record(callId, created);
    await settle();
    for (let i = 0; i < 200; i++) await ledger.record(callId, turn);
    await pass(1000);
    assert.deepEqual(saved, [1, 201]);
    assert.equal((await kept.history.find(callId))?.turns.length, 200);
  });

  it('has in the end all that the stream has, also what nobody looks for', async (t) => {
    const { ledger, kept } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, ended);
    await pass(3000);
    await ledger.record(callId, { type: 'media-stopped', replica: 'bridge-1', clean: true });
    await pass(4900);
    assert.equal((await kept.history.find(callId))?.version, 2);
    await pass(5000);
    const { streamCursor, ...state } = (await kept.history.find(callId))!;
    assert.deepEqual(state, foldCallEvents(callId, await kept.stream.read(callId)));
    assert.equal(streamCursor, '3');
    assert.deepEqual(await kept.stream.unsavedCallIds({ olderThanMs: 0, limit: 9 }), []);
  });

  it('is written when it is back, however long it was away', async (t) => {
    const { ledger, history, kept } = setUp(t);
    history.become('away');
    await ledger.record(callId, created);
    await ledger.record(callId, ended);
    await pass(600_000);
    assert.equal(ledger.backlog.calls, 1);
    history.become('well');
    await pass(30_000);
    assert.equal((await kept.history.find(callId))?.phase, 'ended');
    assert.equal(ledger.backlog.calls, 0);
  });

  it('is written once more when it took a call and its answer was lost', async (t) => {
    const { ledger, history, kept } = setUp(t);
    history.losesAnswers = true;
    await ledger.record(callId, created);
    await settle();
    history.losesAnswers = false;
    await pass(1000);
    assert.deepEqual(await kept.stream.unsavedCallIds({ olderThanMs: 0, limit: 9 }), []);
  });

  it('is mended by the repeat of a fact whose first writer died halfway', async (t) => {
    const { ledger, kept } = setUp(t);
    await kept.stream.append({ ...created, id: 'created', callId, at: 1 } as CallEvent);
    assert.equal(await ledger.record(callId, created, { id: 'created' }), false);
    await settle();
    assert.equal((await kept.history.find(callId))?.agent, 'receptionist');
  });

  it('is written at the end of a process, which does not wait for ever', async (t) => {
    const { ledger, history, kept, newLedger } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, { type: 'dtmf-received', digit: '1' });
    await passUntil(ledger.close(1000));
    assert.equal((await kept.history.find(callId))?.version, 2);
    history.become('hanging');
    const late = newLedger();
    await late.record(callId, ended);
    await passUntil(late.close(1000));
    assert.deepEqual(await kept.stream.unsavedCallIds({ olderThanMs: 0, limit: 9 }), [callId]);
  });

  it('gets what the stream never took, and loses nothing of it when the stream is back', async (t) => {
    const { ledger, live, kept, newLedger } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, { ...turn, text: 'one' });
    await pass(1000);
    live.become('away');
    await ledger.post(callId, { ...turn, text: 'two' });
    const other = newLedger();
    await other.post(callId, { ...turn, text: 'three' });
    await passUntil(ledger.close(1000));
    await passUntil(other.close(1000));
    assert.equal((await kept.history.find(callId))?.turns.length, 2, 'the first turn is in the stream alone');
    live.become('well');
    const later = newLedger();
    await later.record(callId, ended);
    await pass(10_000);
    const found = await kept.history.find(callId);
    assert.deepEqual([found?.phase, found?.turns.map(({ text }) => text)], ['ended', ['one', 'two', 'three']]);
    assert.deepEqual(await kept.stream.unsavedCallIds({ olderThanMs: 0, limit: 9 }), []);
  });
});

describe('who calls while the stream is away', () => {
  const introduced: CallFact = { ...created, remoteParty: 'unknown', ourNumber: 'unknown' };

  it('is kept, though the only one who was told does not live until it is back', async (t) => {
    const { live, kept, newLedger } = setUp(t);
    live.become('away');
    const { stores: ofHost, live: neverBack } = createFaultyStores(kept);
    neverBack.become('away');
    const host = new CallLedger(ofHost.stream, ofHost.history, log);
    assert.equal(await passUntil(host.post(callId, created, { id: 'call-created' })), 'later');
    await settle();
    const bridge = newLedger();
    await passUntil(bridge.post(callId, introduced, { id: 'call-introduced' }));
    live.become('well');
    await passUntil(bridge.post(callId, turn));
    await passUntil(bridge.post(callId, ended));
    await pass(10_000);
    const found = await kept.history.find(callId);
    assert.partialDeepStrictEqual(found, { remoteParty: '+15550100', ourNumber: '+15550199', phase: 'ended' });
    assert.equal(found?.turns.length, 1);
  });
});

describe('who asked for the end while the stream is away', () => {
  it('is kept, though the only one who knows does not live until it is back', async (t) => {
    const { live, kept, newLedger } = setUp(t);
    const host = newLedger();
    await host.record(callId, created);
    await pass(2000);
    live.become('away');
    const { stores: ofBridge, live: neverBack } = createFaultyStores(kept);
    neverBack.become('away');
    const bridge = new CallLedger(ofBridge.stream, ofBridge.history, log);
    const asked: CallFact = { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' };
    bridge.postEvent({ ...asked, id: 'asked', callId, at: Date.now() });
    await pass(1000);
    live.become('well');
    await passUntil(host.post(callId, { type: 'call-ended', reason: 'caller-hung-up' }, { id: 'call-ended' }));
    await pass(10_000);
    assert.partialDeepStrictEqual(await kept.history.find(callId), { phase: 'ended', endReason: 'agent-hung-up' });
  });
});

describe('what the history got past a stream that was too late with its answers', () => {
  const endLate = async (t: TestContext) => {
    const given = setUp(t);
    const { ledger, live } = given;
    await ledger.record(callId, created);
    await ledger.record(callId, { ...turn, text: 'one' });
    await pass(2000);
    live.losesAnswers = true;
    await ledger.post(callId, { ...turn, text: 'two' });
    live.become('away');
    await ledger.post(callId, { ...turn, text: 'three' });
    await passUntil(ledger.close(1000));
    live.losesAnswers = false;
    live.become('well');
    return given;
  };
  const words = async (history: CallHistory) => (await history.find(callId))?.turns.map(({ text }) => text);

  it('stands there once, though the stream took it after all', async (t) => {
    const { kept, newLedger } = await endLate(t);
    assert.deepEqual(await words(kept.history), ['one', 'two', 'three']);
    await newLedger().record(callId, ended);
    await pass(10_000);
    assert.deepEqual(await words(kept.history), ['one', 'two', 'three']);
  });

  it('is not lost to others who know the stream alone, however much they add', async (t) => {
    const { kept, newLedger } = await endLate(t);
    const later = newLedger();
    await later.find(callId);
    for (const text of ['four', 'five', 'six']) await later.record(callId, { ...turn, text });
    await pass(10_000);
    assert.deepEqual(await words(kept.history), ['one', 'two', 'three', 'four', 'five', 'six']);
    assert.deepEqual(await kept.stream.unsavedCallIds({ olderThanMs: 0, limit: 9 }), []);
  });
});

describe('what is found', () => {
  it('is a live call as it is now, and an old one as it was kept', async (t) => {
    const { ledger } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, { type: 'call-ringing' });
    assert.equal((await ledger.find(callId))?.phase, 'ringing');
    await ledger.record(callId, { type: 'call-ended', reason: 'no-answer' });
    await pass(10_000);
    mock.timers.tick(3_600_000);
    assert.equal((await ledger.find(callId))?.endReason, 'no-answer');
    assert.equal(await ledger.find('nobody' as CallId), undefined);
  });

  it('is an old call whole even when a straggler began its stream anew', async (t) => {
    const { ledger, newLedger } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, { type: 'call-ended', reason: 'no-answer' });
    await pass(10_000);
    mock.timers.tick(3_600_000);
    const later = newLedger();
    await later.record(callId, { type: 'media-stopped', replica: 'bridge-1', clean: true });
    const found = await later.find(callId);
    assert.deepEqual([found?.phase, found?.remoteParty], ['ended', '+15550100']);
  });

  it('goes on from the history when the stream lost its data in the middle of a call', async (t) => {
    const { ledger, kept } = setUp(t);
    await ledger.record(callId, created);
    await ledger.record(callId, turn);
    await pass(2000);
    const after = new CallLedger(createMemoryStores().stream, kept.history, log);
    await after.record(callId, { ...turn, text: 'Still there?' }, { id: 'turn-2' });
    await after.record(callId, { ...turn, text: 'Still there?' }, { id: 'turn-2' });
    await after.record(callId, ended);
    await pass(2000);
    const found = await after.find(callId);
    assert.deepEqual(
      [found?.turns.map(({ text }) => text), found?.phase, found?.remoteParty],
      [['Hello?', 'Still there?'], 'ended', '+15550100'],
    );
    const { streamCursor: _, ...inHistory } = (await kept.history.find(callId))!;
    assert.deepEqual(inHistory.turns, found?.turns);
  });

  it('is a call whose first facts came out of order', async (t) => {
    const { ledger, kept } = setUp(t);
    await kept.stream.append({ type: 'call-ringing', id: 'early', callId, at: 1 });
    assert.equal((await ledger.find(callId))?.phase, 'ringing');
  });

  it('comes from the history while the stream is away, and is unknown where neither can tell', async (t) => {
    const { ledger, live, history, newLedger } = setUp(t);
    await ledger.record(callId, created);
    await pass(1000);
    live.become('away');
    const other = newLedger();
    assert.equal((await other.find(callId))?.agent, 'receptionist');
    assert.equal((await other.findLive(callId))?.agent, 'receptionist');
    await assert.rejects(other.findLive('nobody' as CallId), { code: 'STORE_UNAVAILABLE' });
    history.become('away');
    await assert.rejects(other.findLive(callId), { code: 'STORE_UNAVAILABLE' });
    assert.equal((await ledger.findLive(callId))?.agent, 'receptionist', 'it has been seen here');
  });

  it('needs no history while the stream knows the call, nor to know that no call is live', async (t) => {
    const { ledger, history } = setUp(t);
    history.become('away');
    await ledger.record(callId, created);
    assert.equal((await ledger.find(callId))?.agent, 'receptionist');
    assert.equal(await ledger.findLive('nobody' as CallId), undefined);
    await assert.rejects(ledger.find('nobody' as CallId), { code: 'STORE_UNAVAILABLE' });
  });

  it('has an answer within a second when both stores hang', async (t) => {
    const { ledger, live, history } = setUp(t);
    live.become('hanging');
    history.become('hanging');
    const startedAt = Date.now();
    await passUntil(assert.rejects(ledger.findLive(callId), { code: 'STORE_UNAVAILABLE' }));
    assert.ok(Date.now() - startedAt <= 900, `it took ${Date.now() - startedAt} ms`);
  });
});
