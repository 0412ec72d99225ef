// Tests of waiting no longer than it is worth.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { pause, within } from './within.ts';

const never = new Promise<never>(() => {});
const fail = () => assert.fail('there is time left');
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What the process would be told of: nothing may be. */
function watchStrays(t: TestContext): unknown[] {
  const strays: unknown[] = [];
  const keep = (reason: unknown) => strays.push(reason);
  process.on('unhandledRejection', keep);
  t.after(() => process.off('unhandledRejection', keep));
  return strays;
}

describe('within', () => {
  beforeEach((t) => (t as TestContext).mock.timers.enable({ apis: ['setTimeout'] }));

  it('gives what came in time, of a promise and of a function', async () => {
    assert.equal(await within(10, Promise.resolve('kept'), fail), 'kept');
    assert.equal(await within(10, () => 'at once', fail), 'at once');
    assert.equal(await within(10, async () => 'soon', fail), 'soon');
  });

  it('gives what is to be had instead when the time is over', async (t) => {
    const waiting = within(10, never, () => 'instead');
    t.mock.timers.tick(9);
    await settled();
    t.mock.timers.tick(1);
    assert.equal(await waiting, 'instead');
  });

  it('rejects with what is thrown when the time is over', async (t) => {
    const waiting = within(10, never, () => {
      throw new RangeError('too slow');
    });
    t.mock.timers.tick(10);
    await assert.rejects(waiting, RangeError);
  });

  it('rejects when the work throws, at once or later', async () => {
    const broken = () => {
      throw new RangeError('broken');
    };
    await assert.rejects(within(10, broken, fail), RangeError);
    await assert.rejects(within(10, Promise.reject(new RangeError('broken')), fail), RangeError);
  });

  it('rejects with the reason of the signal, whatever the work does', async () => {
    const abort = new AbortController();
    const waiting = within(10, never, fail, abort.signal);
    abort.abort(new RangeError('hung up'));
    await assert.rejects(waiting, RangeError);
  });

  it('does not begin what nobody waits for', async () => {
    let begun = 0;
    const waiting = within(10, () => ++begun, fail, AbortSignal.abort(new RangeError('hung up')));
    await assert.rejects(waiting, RangeError);
    assert.equal(begun, 0);
  });

  it('tells the work that nobody waits any more, and not that somebody got it', async (t) => {
    const signals: AbortSignal[] = [];
    const keep = (signal: AbortSignal) => {
      signals.push(signal);
      return signals.length === 1 ? 'done' : never;
    };
    await within(10, keep, fail);
    const late = within(10, keep, () => 'late');
    t.mock.timers.tick(10);
    await late;
    const abort = new AbortController();
    const left = within(10, keep, fail, abort.signal);
    abort.abort(new RangeError('hung up'));
    await assert.rejects(left);
    assert.deepEqual(
      signals.map(({ aborted, reason }) => [aborted, (reason as Error | undefined)?.name]),
      [
        [false, undefined],
        [true, 'TimeoutError'],
        [true, 'RangeError'],
      ],
    );
  });

  it('drops a rejection that comes when nobody waits any more', async (t) => {
    const strays = watchStrays(t);
    const works = [1, 2, 3].map(() => Promise.withResolvers<string>());
    const late = within(10, works[0]!.promise, () => 'instead');
    t.mock.timers.tick(10);
    assert.equal(await late, 'instead');
    const abort = new AbortController();
    const left = within(10, works[1]!.promise, fail, abort.signal);
    abort.abort(new RangeError('hung up'));
    await assert.rejects(left);
    await assert.rejects(within(10, works[2]!.promise, fail, abort.signal), RangeError);
    for (const { reject } of works) reject(new Error('broken at last'));
    await settled();
    assert.deepEqual(strays, []);
  });

  it('rejects nowhere but where it is waited for when the signal aborts', async (t) => {
    const strays = watchStrays(t);
    const abort = new AbortController();
    await within(10, Promise.resolve(), fail, abort.signal);
    await assert.rejects(
      within(
        10,
        () => {
          abort.abort(new RangeError('hung up'));
          throw new TypeError('broken');
        },
        fail,
        abort.signal,
      ),
    );
    await settled();
    assert.deepEqual(strays, []);
  });

  it('waits as long as a timer can when it may wait longer', async (t) => {
    let isLate = false;
    const waiting = within(2 ** 40, never, () => (isLate = true));
    t.mock.timers.tick(24 * 24 * 60 * 60_000);
    await settled();
    assert.ok(!isLate);
    t.mock.timers.tick(24 * 60 * 60_000);
    await waiting;
  });
});

describe('pause', () => {
  beforeEach((t) => (t as TestContext).mock.timers.enable({ apis: ['setTimeout'] }));

  it('lets time pass', async (t) => {
    let isOver = false;
    const waiting = pause(10).then(() => (isOver = true));
    t.mock.timers.tick(9);
    await settled();
    assert.ok(!isOver);
    t.mock.timers.tick(1);
    await waiting;
  });

  it('ends with the reason of the signal', async () => {
    await assert.rejects(pause(10, AbortSignal.abort(new RangeError('hung up'))), RangeError);
  });
});

it('leaves neither timer nor listener behind', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const target = new EventTarget() as AbortSignal;
  let listeners = 0;
  const { addEventListener, removeEventListener } = target;
  target.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(target, args);
  };
  target.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(target, args);
  };
  await within(60_000, Promise.resolve(), fail, target);
  await assert.rejects(within(60_000, Promise.reject(new Error('broken')), fail, target));
  assert.deepEqual([timers(), listeners], [before, 0]);
});

it('works with the signals of Node', async () => {
  const signal = AbortSignal.timeout(1);
  const aborted = once(signal, 'abort');
  await assert.rejects(within(60_000, never, fail, signal), { name: 'TimeoutError' });
  await aborted;
});
