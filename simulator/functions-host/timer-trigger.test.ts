// Tests when the local host runs timer functions, through the real @azure/functions library.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Timer, TimerFunctionOptions } from '@azure/functions';
import { startFunctionsHost } from './functions-host.ts';

async function start(t: TestContext, options: Omit<TimerFunctionOptions, 'handler'>, run: (timer: Timer) => unknown) {
  const startedMs = performance.now();
  const ranAt: number[] = [];
  const handler = async (timer: Timer) => {
    ranAt.push(Math.round((performance.now() - startedMs) / 1000));
    await run(timer);
  };
  const app = async () => (await import('@azure/functions')).app.timer('tick', { ...options, handler });
  const host = await startFunctionsHost({ port: 0, app });
  t.after(() => host.stop());
  return { host, ranAt };
}

describe('a timer function', () => {
  it('runs when its schedule says, and not after the host stopped', async (t) => {
    const timers: Timer[] = [];
    const { host, ranAt } = await start(t, { schedule: '*/30 * * * * *' }, (timer) => timers.push(timer));
    await sleep(95_000);
    await host.stop();
    await sleep(95_000);
    assert.equal(ranAt.length, 3);
    assert.deepEqual(
      ranAt.slice(1).map((at, i) => at - ranAt[i]!),
      [30, 30],
    );
    assert.deepEqual([timers[0]?.isPastDue, timers[0]?.schedule], [false, { adjustForDST: true }]);
  });

  it('runs at the start as well when it wants to', async (t) => {
    const { ranAt } = await start(t, { schedule: '0 0 0 1 1 *', runOnStartup: true }, () => {});
    await sleep(60_000);
    assert.deepEqual(ranAt, [0]);
  });

  it('runs once at a time, however long it takes', async (t) => {
    let running = 0;
    const { ranAt } = await start(t, { schedule: '*/10 * * * * *' }, async () => {
      assert.equal(++running, 1);
      await sleep(25_000);
      running--;
    });
    await sleep(100_000);
    assert.deepEqual(
      ranAt.slice(1).map((at, i) => at - ranAt[i]!),
      [30, 30, 30].slice(0, ranAt.length - 1),
    );
    assert.ok(ranAt.length >= 3);
  });

  it('runs again after it threw', async (t) => {
    const { ranAt } = await start(t, { schedule: '*/10 * * * * *' }, () => Promise.reject(new Error('inside')));
    await sleep(35_000);
    assert.ok(ranAt.length >= 3, `${ranAt.length} runs`);
  });

  it('keeps the host from starting when its schedule is none', async () => {
    const app = async () =>
      (await import('@azure/functions')).app.timer('tick', { schedule: '00:00:30', handler: async () => {} });
    await assert.rejects(startFunctionsHost({ port: 0, app }), /"00:00:30" is no schedule/);
  });
});
