// Work behind the scenes: its order, its rests, and what it does when it fails.
import assert from 'node:assert/strict';
import { it, mock, type TestContext } from 'node:test';
import { WriteBehind, type WriteBehindOptions } from './write-behind.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work that runs until the test ends it. */
function setUp(t: TestContext, options: Partial<WriteBehindOptions<string>> = {}) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const begun: string[] = [];
  const running = new Map<string, PromiseWithResolvers<void>>();
  const end = async (key: string, error?: Error) => {
    const { resolve, reject } = running.get(key)!;
    running.delete(key);
    if (error) reject(error);
    else resolve();
    await settled();
  };
  const writer = new WriteBehind<string>({
    work: (key) => {
      begun.push(key);
      running.set(key, Promise.withResolvers<void>());
      return running.get(key)!.promise;
    },
    maxParallel: 2,
    firstRetryMs: 100,
    longestRetryMs: 400,
    ...options,
  });
  return { writer, begun, end };
}
const away = new Error('away');

it('works for several keys at once, and for one key on one piece at a time', async (t) => {
  const { writer, begun, end } = setUp(t);
  for (const key of ['a', 'a', 'b', 'c']) writer.add(key);
  assert.deepEqual(begun, ['a', 'b']);
  writer.add('a');
  await end('b');
  assert.deepEqual(begun, ['a', 'b', 'c']);
  await end('a');
  assert.deepEqual(begun, ['a', 'b', 'c', 'a']);
  assert.equal(writer.size, 2);
});

it('waits with what is not urgent, and not when something urgent comes', async (t) => {
  const { writer, begun, end } = setUp(t);
  writer.add('a', 5000);
  writer.add('b', 5000);
  writer.add('b', 5000);
  mock.timers.tick(3000);
  writer.add('a');
  assert.deepEqual(begun, ['a']);
  mock.timers.tick(2000);
  assert.deepEqual(begun, ['a', 'b']);
  await end('a');
  await end('b');
  mock.timers.tick(10_000);
  assert.deepEqual(begun, ['a', 'b']);
});

it('lets a key rest, and then does all that came meanwhile as one piece', async (t) => {
  const { writer, begun, end } = setUp(t, { restMs: 1000 });
  writer.add('a');
  await end('a');
  for (let i = 0; i < 5; i++) writer.add('a');
  assert.deepEqual(begun, ['a']);
  mock.timers.tick(1000);
  assert.deepEqual(begun, ['a', 'a']);
});

it('waits longer and longer after failures, has another key try each time, and goes on with all after a success', async (t) => {
  let failures = 0;
  const { writer, begun, end } = setUp(t, { onFailure: () => failures++ });
  for (const key of ['a', 'b', 'c']) writer.add(key);
  await end('a', away);
  await end('b', away);
  assert.equal(writer.isFailing, true);
  assert.equal(failures, 1, 'what failed at the same time is one failure');
  for (const [waitMs, next] of [
    [100, 'c'],
    [200, 'a'],
    [400, 'b'],
    [400, 'c'],
  ] as const) {
    mock.timers.tick(waitMs - 1);
    const before = begun.length;
    mock.timers.tick(1);
    assert.deepEqual(begun.slice(before), [next]);
    await end(next, away);
  }
  mock.timers.tick(400);
  await end('a');
  assert.equal(writer.isFailing, false);
  assert.deepEqual(begun.slice(-2), ['b', 'c']);
});

it('tells when all is done for a key', async (t) => {
  const { writer, end } = setUp(t);
  await writer.settled('a');
  writer.add('a');
  writer.add('b');
  let isSettled = false;
  const all = writer.settled('a').then(() => {
    isSettled = true;
  });
  writer.add('a');
  await end('b');
  await end('a');
  assert.equal(isSettled, false);
  await end('a');
  await all;
});

it('does not wait with what is left when it drains, and tries once more at once', async (t) => {
  const { writer, begun, end } = setUp(t, { restMs: 1000 });
  writer.add('a');
  await end('a');
  writer.add('a');
  writer.add('late', 5000);
  const drained = writer.drain();
  assert.deepEqual(begun, ['a', 'a', 'late']);
  await end('a', away);
  await end('late', away);
  const more = writer.drain();
  assert.equal(begun.length, 4);
  await end(begun[3]!);
  for (const key of ['a', 'late']) if (writer.has(key)) await end(key);
  await Promise.all([drained, more]);
});

it('forgets what is removed, and starts nothing once it is closed', async (t) => {
  const { writer, begun, end } = setUp(t);
  for (const key of ['a', 'b', 'c', 'd']) writer.add(key);
  writer.add('late', 1000);
  writer.remove('c');
  writer.remove('late');
  const gone = writer.settled('d');
  await end('a', away);
  writer.close();
  await gone;
  writer.add('e');
  await end('b');
  mock.timers.tick(10_000);
  assert.deepEqual(begun, ['a', 'b']);
  assert.equal(writer.size, 0);
});
