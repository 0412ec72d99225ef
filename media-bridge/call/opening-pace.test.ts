// When calls that come at once are opened: in order, one after the other, and none that would wait too long.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';
import { virtualTime } from '../../simulator/virtual-time/install.ts';
import { OpeningPace } from './opening-pace.ts';

/** So many at once: when each is opened, in ms from now, in the order in which they are. */
async function openAtOnce(pace: OpeningPace, calls: number): Promise<{ call: number; atMs: number }[]> {
  const startedAtMs = performance.now();
  const opened: { call: number; atMs: number }[] = [];
  const open = async (call: number) => {
    await pace.takeTurn();
    opened.push({ call, atMs: Math.round(performance.now() - startedAtMs) });
  };
  await Promise.all(Array.from({ length: calls }, (_, call) => open(call)));
  return opened;
}

it('lets a call that comes alone wait for nothing, however many came before', async () => {
  const pace = new OpeningPace();
  assert.deepEqual(await openAtOnce(pace, 1), [{ call: 0, atMs: 0 }]);
  await sleep(5);
  assert.deepEqual(await openAtOnce(pace, 1), [{ call: 0, atMs: 0 }]);
  await openAtOnce(pace, 10);
  await sleep(5);
  assert.deepEqual(await openAtOnce(pace, 1), [{ call: 0, atMs: 0 }]);
});

it('opens calls that come at once in their order, one every five milliseconds', async () => {
  const opened = await openAtOnce(new OpeningPace(), 50);
  assert.deepEqual(
    opened,
    Array.from({ length: 50 }, (_, call) => ({ call, atMs: call * 5 })),
  );
});

it('lets nobody past those who wait', async () => {
  const pace = new OpeningPace();
  const first = openAtOnce(pace, 3);
  await sleep(7);
  assert.deepEqual(await openAtOnce(pace, 1), [{ call: 0, atMs: 8 }]);
  assert.equal((await first).length, 3);
});

it('refuses whoever would wait for longer than two seconds, and takes calls again when some are opened', async () => {
  const pace = new OpeningPace();
  const opening = openAtOnce(pace, 401);
  await assert.rejects(pace.takeTurn(), (error) => error instanceof AppError && error.code === 'BRIDGE_FULL');
  await sleep(5);
  await Promise.all([pace.takeTurn(), opening]);
});

it('leaves the core to live calls while it is busy, but not for ever', async () => {
  const bridge = virtualTime.machine('bridge');
  let opening: ReturnType<typeof openAtOnce> | undefined;
  await bridge.start(async () => {
    opening = openAtOnce(new OpeningPace(), 5);
    return { stop: async () => {} };
  });
  // Woken some milliseconds too late, again and again.
  for (let i = 0; i < 12; i++) {
    bridge.pause();
    await sleep(8);
    bridge.resume();
    await sleep(0);
  }
  const opened = await opening!;
  assert.deepEqual(
    opened.map(({ atMs }) => atMs),
    [0, 44, 89, 112, 117],
  );
  await bridge.stop();
});
