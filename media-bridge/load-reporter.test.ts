// Tests what a bridge tells of itself, and that a store that fails or hangs costs it nothing.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { CallId } from '../shared/call/call.ts';
import type { BridgeLoad } from '../shared/stores/bridge-loads.ts';
import { MemoryBridgeLoads } from '../shared/stores/memory-bridge-loads.ts';
import { LoadReporter } from './load-reporter.ts';

function start(t: TestContext, report?: () => Promise<void>) {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'] });
  const registry = { size: 1, freePlaces: 9, stranded: [] as CallId[] };
  const loads = new MemoryBridgeLoads();
  const reports: BridgeLoad[] = [];
  const reporter = new LoadReporter({
    replica: 'this',
    registry,
    loads: {
      withdraw: (replica) => loads.withdraw(replica),
      report: async (load, ttlMs) => {
        reports.push(load);
        await report?.();
        await loads.report(load, ttlMs);
      },
    },
  });
  return { registry, loads, reports, reporter };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a load reporter', () => {
  it('tells at once, then twice a second, and takes it back when the bridge ends', async (t) => {
    const { registry, loads, reporter } = start(t);
    await settle();
    assert.deepEqual(await loads.list(), [{ replica: 'this', calls: 1, freePlaces: 9 }]);
    Object.assign(registry, { size: 4, freePlaces: 0 });
    t.mock.timers.tick(500);
    await settle();
    assert.deepEqual(await loads.list(), [{ replica: 'this', calls: 4, freePlaces: 0 }]);
    Object.assign(registry, { stranded: ['call-1'] });
    t.mock.timers.tick(500);
    await settle();
    assert.deepEqual(await loads.list(), [{ replica: 'this', calls: 4, freePlaces: 0, stranded: ['call-1'] }]);
    await reporter.close();
    assert.deepEqual(await loads.list(), []);
  });

  it('goes on when the store is away', async (t) => {
    let away = true;
    const { loads } = start(t, async () => {
      if (away) throw new Error('away');
    });
    await settle();
    assert.deepEqual(await loads.list(), []);
    away = false;
    t.mock.timers.tick(2_000);
    await settle();
    assert.equal((await loads.list()).length, 1);
  });

  it('asks a store that hangs for one thing at a time', async (t) => {
    const answer = Promise.withResolvers<void>();
    const { reports, reporter } = start(t, () => answer.promise);
    t.mock.timers.tick(20_000);
    reporter.report();
    await settle();
    assert.equal(reports.length, 1);
    answer.resolve();
    await reporter.close();
  });
});
