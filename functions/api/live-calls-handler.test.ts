// Tests what the scaler of the bridges is told: the most calls, by a key of its own, and a number whatever the store does.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { apiKey, startTestApp } from '../testing/test-app.ts';

const scaleKey = 'key-of-the-scaler-01';

async function start(t: TestContext, settings: Record<string, string> = { SCALE_KEY: scaleKey }) {
  t.mock.timers.enable({ apis: ['Date'], now: 0 });
  let isAway = false;
  const stores = createMemoryStores();
  const bridgeLoads = new Proxy(stores.bridgeLoads, {
    get(target, name) {
      if (isAway) throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: 'it is away' });
      const member = Reflect.get(target, name) as unknown;
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const app = await startTestApp({ settings, stores: { ...stores, bridgeLoads } });
  t.after(() => app.stop());
  const ask = async (headers: Record<string, string> = { 'x-scale-key': scaleKey }) => {
    const response = await fetch(`${app.url}/api/live-calls`, { headers });
    return { status: response.status, body: (await response.json()) as unknown };
  };
  const pass = (ms: number) => t.mock.timers.tick(ms);
  const setAway = (away: boolean) => {
    isAway = away;
  };
  return { ask, pass, setAway, loads: stores.bridgeLoads };
}

describe('GET /api/live-calls', () => {
  it('tells the most calls of all bridges within a quarter of an hour', async (t) => {
    const { ask, pass, loads } = await start(t);
    assert.deepEqual(await ask(), { status: 200, body: { calls: 0 } });
    await loads.report({ replica: 'one', calls: 30, freePlaces: 20 }, 6_000);
    await loads.report({ replica: 'two', calls: 12, freePlaces: 38 }, 6_000);
    pass(10 * 60_000);
    await loads.report({ replica: 'one', calls: 5, freePlaces: 45 }, 6_000);
    assert.deepEqual(await ask(), { status: 200, body: { calls: 42 } });
    pass(5 * 60_000);
    assert.deepEqual(await ask(), { status: 200, body: { calls: 5 } });
  });

  it('repeats the last number while the store is away, and is no error', async (t) => {
    const { ask, setAway, loads } = await start(t);
    setAway(true);
    assert.deepEqual(await ask(), { status: 200, body: { calls: 0 } });
    setAway(false);
    await loads.report({ replica: 'one', calls: 30, freePlaces: 20 }, 6_000);
    await ask();
    setAway(true);
    assert.deepEqual(await ask(), { status: 200, body: { calls: 30 } });
    assert.deepEqual(await ask(), { status: 200, body: { calls: 30 } });
    setAway(false);
    await loads.report({ replica: 'one', calls: 31, freePlaces: 19 }, 6_000);
    assert.deepEqual(await ask(), { status: 200, body: { calls: 31 } });
  });

  it('tells nobody without its key, which is not the key of the API', async (t) => {
    const { ask } = await start(t);
    const wrong = [{}, { 'x-scale-key': apiKey }, { 'x-scale-key': `${scaleKey}1` }, { 'x-functions-key': apiKey }];
    for (const headers of wrong) assert.equal((await ask(headers as Record<string, string>)).status, 401);
  });

  it('tells nobody where no key is set', async (t) => {
    const { ask } = await start(t, {});
    for (const headers of [{}, { 'x-scale-key': '' }])
      assert.equal((await ask(headers as Record<string, string>)).status, 503);
  });
});
