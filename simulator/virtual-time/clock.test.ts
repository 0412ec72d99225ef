// Timers and clocks in virtual time behave as Node's, and take no time.
import './install.ts';

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, it } from 'node:test';
import timers from 'node:timers';
import { setInterval as every, scheduler, setTimeout as sleep, setImmediate as soon } from 'node:timers/promises';
import { promisify } from 'node:util';
import { virtualTime } from './install.ts';

const hourMs = 3_600_000;

describe('virtual time', () => {
  it('moves all clocks together, by whole timers', async () => {
    const [startedMs, date, high] = [performance.now(), Date.now(), process.hrtime.bigint()];
    await sleep(hourMs);
    assert.equal(performance.now() - startedMs, hourMs);
    assert.equal(Date.now() - date, hourMs);
    assert.equal(process.hrtime.bigint() - high, BigInt(hourMs) * 1_000_000n);
    const today = new Date();
    assert.equal(today.getTime(), Date.now());
    assert.ok(virtualTime.realMs < hourMs);
  });

  it('makes dates that are dates', () => {
    const now = new Date();
    assert.ok(now instanceof Date && Object.prototype.toString.call(now) === '[object Date]');
    assert.equal(new Date('2026-06-01T00:00:00Z').toISOString(), '2026-06-01T00:00:00.000Z');
    class Moment extends Date {}
    assert.ok(new Moment() instanceof Moment);
    assert.equal(structuredClone(now).getTime(), now.getTime());
    assert.equal(Date.UTC(2026, 0), new Date(2026, 0, 1, 0, -new Date(2026, 0).getTimezoneOffset()).getTime());
  });

  it('fires timers in the order in which they are due, those of one delay in the order in which they were set', async () => {
    const order: string[] = [];
    setTimeout(() => order.push('later'), 30);
    for (const name of ['a', 'b', 'c']) setTimeout(() => order.push(name), 20);
    timers.setTimeout(() => order.push('first'), 10);
    await sleep(40);
    assert.deepEqual(order, ['first', 'a', 'b', 'c', 'later']);
  });

  it('runs what a timer promised before the next timer', async () => {
    const order: string[] = [];
    setTimeout(() => {
      void Promise.resolve().then(() => order.push('promise of the first'));
      process.nextTick(() => order.push('tick of the first'));
      setImmediate(() => order.push('immediate of the first'));
    }, 10);
    setTimeout(() => order.push('second'), 10);
    await sleep(20);
    assert.deepEqual(order, ['tick of the first', 'promise of the first', 'immediate of the first', 'second']);
  });

  it('repeats, stops, refreshes, and forgets', async () => {
    let ticks = 0;
    const interval = setInterval(() => ticks++, 100);
    await sleep(1050);
    clearInterval(interval);
    await sleep(1000);
    assert.equal(ticks, 10);

    let fired = 0;
    const timer = setTimeout(() => fired++, 100);
    await sleep(90);
    timer.refresh();
    await sleep(90);
    assert.equal(fired, 0);
    await sleep(10);
    assert.equal(fired, 1);

    const named = setTimeout(() => fired++, 10);
    clearTimeout(Number(named));
    clearTimeout(undefined);
    const { promise: cleared, resolve } = Promise.withResolvers<void>();
    clearImmediate(setImmediate(() => fired++));
    setImmediate(resolve);
    await cleared;
    await sleep(20);
    assert.equal(fired, 1);
    let stops = 0;
    const stopping = setInterval(() => {
      if (++stops === 3) clearInterval(stopping);
    }, 5);
    await sleep(100);
    assert.equal(stops, 3);
  });

  it('takes a delay that is none, or too long, for one millisecond', async () => {
    const startedMs = performance.now();
    for (const delayMs of [0, -5, Number.NaN, 2 ** 31]) await sleep(delayMs);
    assert.equal(performance.now() - startedMs, 4);
  });

  it('waits by promises, which can be aborted', async () => {
    assert.equal(await sleep(5, 'value'), 'value');
    assert.equal(await promisify(setTimeout)(5, 'value'), 'value');
    assert.equal(await soon('value'), 'value');
    await scheduler.wait(5);
    let turns = 0;
    for await (const value of every(10, 'tick')) {
      assert.equal(value, 'tick');
      if (++turns === 3) break;
    }
    const aborter = new AbortController();
    const waiting = sleep(hourMs, undefined, { signal: aborter.signal });
    aborter.abort(new Error('no more'));
    await assert.rejects(waiting, { name: 'AbortError', code: 'ABORT_ERR' });
    await assert.rejects(sleep(1, undefined, { signal: aborter.signal }), { code: 'ABORT_ERR' });
    const late = AbortSignal.timeout(50);
    await sleep(60);
    assert.equal(late.reason.name, 'TimeoutError');
  });

  it('keeps the context in which a timer was set', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen = context.run('mine', () => new Promise((resolve) => setTimeout(() => resolve(context.getStore()), 5)));
    assert.equal(await seen, 'mine');
  });

  it('can jump, after which everything is late', async () => {
    const startedMs = performance.now();
    const waiting = sleep(100).then(() => performance.now() - startedMs);
    virtualTime.jump(5000);
    assert.equal(await waiting, 5000);
  });
});
