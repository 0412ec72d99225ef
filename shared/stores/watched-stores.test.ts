// Whole stores under watch: who waits for whom, and what is known of a store that fails.
import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { silentLogger as log } from '../logger.ts';
import { testCallHistory } from './call-history.contract.ts';
import { testCallLeases } from './call-leases.contract.ts';
import { listen, makeEvent, newCallId, testCallStream } from './call-stream.contract.ts';
import { interceptStore } from './intercepted-store.ts';
import { createMemoryStores } from './memory-stores.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';
import { watchStores } from './watched-stores.ts';

function setUp(t: TestContext) {
  const faulty = createFaultyStores(createMemoryStores());
  const stores = watchStores(faulty.stores, { live: 'Redis', history: 'Cosmos DB' }, log);
  t.after(stores.close);
  return { ...faulty, stores };
}

describe('as a stream', () => {
  testCallStream((t) => {
    const { stream } = setUp(t).stores;
    return { stream, another: stream };
  });
});

describe('as leases', () => {
  testCallLeases((t) => {
    t.mock.timers.enable({ apis: ['Date'] });
    const { leases } = setUp(t).stores;
    const pass = async (ms: number) => t.mock.timers.tick(ms);
    return { leases, another: leases, pass };
  });
});

describe('as a history', () => {
  testCallHistory(async (t) => setUp(t).stores.history);
});

it('waits once for all that Redis keeps, and meanwhile not for the history', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const { stores, live } = setUp(t);
  live.become('hanging');
  const waiting = assert.rejects(stores.stream.read(newCallId()), { code: 'STORE_UNAVAILABLE' });
  mock.timers.tick(400);
  await waiting;
  await assert.rejects(stores.leases.find('name'), { message: /Redis is unavailable: no answer/ });
  await assert.rejects(stores.dialCounts.holders('cap'), { message: /Redis is unavailable: no answer/ });
  assert.equal(await stores.history.find(newCallId()), undefined);
});

it('gives a Redis that needs half a second for everything the events that nobody waits for', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const kept = createMemoryStores();
  const answers: PromiseWithResolvers<void>[] = [];
  const slow = interceptStore(kept.stream, async (_kind, request) => {
    const result = await request();
    const answer = Promise.withResolvers<void>();
    answers.push(answer);
    await answer.promise;
    return result;
  });
  const { stream, close } = watchStores({ ...kept, stream: slow }, { live: 'Redis', history: 'Cosmos DB' }, log);
  t.after(close);
  const [awaited, behind] = [newCallId(), newCallId()];
  const waiting = assert.rejects(stream.append(makeEvent(awaited)), { code: 'STORE_UNAVAILABLE' });
  const first = stream.append(makeEvent(behind), { isBehindTheScenes: true });
  mock.timers.tick(500);
  await waiting;
  const second = stream.append(makeEvent(newCallId()), { isBehindTheScenes: true });
  await new Promise((resolve) => setImmediate(resolve));
  for (const { resolve } of answers) resolve();
  assert.deepEqual(await Promise.all([first, second]), [true, true]);
  const never = assert.rejects(stream.append(makeEvent(behind), { isBehindTheScenes: true }), /within 3000 ms/);
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(3_000);
  await never;
});

it('says of a store that refuses writes that it does, though it answers', async (t) => {
  const { stores, live, history } = setUp(t);
  live.become('read-only');
  history.become('read-only');
  assert.deepEqual(await stores.stream.read(newCallId()), []);
  await assert.rejects(stores.stream.ping(), { message: /it is read-only/ });
  await assert.rejects(stores.leases.ping(), { message: /it is read-only/ });
  await assert.rejects(stores.history.save({ callId: newCallId(), version: 1, phase: 'ended', turns: [], notes: [] }));
  await assert.rejects(stores.history.ping(), { message: /read-only/ });
});

it('tells a listener what happened while its link was cut once it is whole again, in order', async (t) => {
  const others = createMemoryStores();
  const faulty = createFaultyStores(others);
  t.after(faulty.stores.close);
  const callId = newCallId();
  const { all, heard, unsubscribe } = listen(faulty.stores.stream, callId, 2);
  const gone = listen(faulty.stores.stream, callId, 1);
  const events = [makeEvent(callId), makeEvent(callId)];
  faulty.live.become('away');
  for (const event of events) await others.stream.append(event);
  await new Promise(setImmediate);
  assert.deepEqual(heard, []);
  gone.unsubscribe();
  faulty.live.become('well');
  assert.deepEqual(await all, events);
  assert.deepEqual(gone.heard, []);
  unsubscribe();
});

it('fails, forgets answers and answers late as it is told', async (t) => {
  const { stores, history } = createFaultyStores(createMemoryStores());
  t.after(stores.close);
  const call = { callId: newCallId(), version: 1, phase: 'ended', turns: [], notes: [] } as const;
  history.failWrites(2);
  await stores.history.save(call);
  await assert.rejects(stores.history.save({ ...call, version: 2 }), { code: 'STORE_UNAVAILABLE' });
  await stores.history.save({ ...call, version: 3 });
  history.losesAnswers = true;
  await assert.rejects(stores.history.save({ ...call, version: 4 }));
  history.losesAnswers = false;
  assert.equal((await stores.history.find(call.callId))?.version, 4);
  for (const state of ['mute', 'hanging'] as const) {
    history.become(state);
    let isAnswered = false;
    const saved = stores.history.save({ ...call, version: 5 }).then(() => {
      isAnswered = true;
    });
    await new Promise(setImmediate);
    assert.equal(isAnswered, false);
    history.become('well');
    await saved;
  }
});
