// What a process tells of its stores.
import assert from 'node:assert/strict';
import { it, mock, type TestContext } from 'node:test';
import { silentLogger as log } from '../logger.ts';
import { CallLedger } from './call-ledger.ts';
import { makeEvent, newCallId } from './call-stream.contract.ts';
import { createMemoryStores } from './memory-stores.ts';
import { StoreHealth } from './store-health.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';
import { watchStores } from './watched-stores.ts';

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  t.after(() => mock.timers.reset());
  const faulty = createFaultyStores(createMemoryStores());
  const stores = watchStores(faulty.stores, { live: 'Redis', history: 'Cosmos DB' }, log);
  const ledger = new CallLedger(stores.stream, stores.history, log);
  return { ...faulty, stores, ledger, health: new StoreHealth(stores, ledger) };
}

it('is well when all is', async (t) => {
  assert.deepEqual(await setUp(t).health.report(300), {
    checks: { stream: 'ok', leases: 'ok', history: 'ok' },
    problems: [],
    backlog: { events: 0, calls: 0 },
  });
});

it('names what is wrong, a write that failed among it, though the store answers', async (t) => {
  const { health, stores, history } = setUp(t);
  history.failWrites(1);
  const call = { callId: newCallId(), version: 1, phase: 'ended', turns: [], notes: [] } as const;
  await assert.rejects(stores.history.save(call));
  const { checks, problems } = await health.report(300);
  assert.deepEqual(checks, { stream: 'ok', leases: 'ok', history: 'down' });
  assert.deepEqual(problems, ['the history is unavailable: this write failed']);
});

it('tells of a store that hangs what was known last, and waits no longer than it is told', async (t) => {
  const { health, live } = setUp(t);
  live.become('hanging');
  const first = health.report(300);
  mock.timers.tick(300);
  assert.deepEqual((await first).problems, ['a store has not answered yet']);
  mock.timers.tick(100);
  await new Promise(setImmediate);
  assert.deepEqual((await health.report(300)).problems, ['Redis is unavailable: no answer within 400 ms']);
});

it('asks the stores once a second at most, however many ask for our health', async (t) => {
  const { health, stores } = setUp(t);
  let pings = 0;
  Object.assign(stores, {
    stream: new Proxy(stores.stream, {
      get: (target, name) => (name === 'ping' ? async () => void pings++ : Reflect.get(target, name)),
    }),
  });
  await Promise.all(Array.from({ length: 50 }, () => health.report(300)));
  await health.report(300);
  assert.equal(pings, 1);
  mock.timers.tick(1000);
  await health.report(300);
  assert.equal(pings, 2);
});

it('counts what waits to be written', async (t) => {
  const { health, ledger, live, history } = setUp(t);
  history.become('away');
  await ledger.record(newCallId(), { type: 'call-ringing' });
  live.become('away');
  ledger.postEvent(makeEvent(newCallId()));
  assert.deepEqual((await health.report(300)).backlog, { events: 1, calls: 1 });
});
