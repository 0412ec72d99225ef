// How long things are under way, and in what order they arrive.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DelayLine } from './delay-line.ts';

it('lets what nothing holds up arrive at once', () => {
  const line = new DelayLine();
  let arrived = false;
  line.send(() => {
    arrived = true;
  }, 0);
  assert.ok(arrived);
});

it('takes its time', async () => {
  const line = new DelayLine();
  const sentMs = performance.now();
  await new Promise<void>((resolve) => line.send(resolve, 30));
  assert.ok(performance.now() - sentMs >= 29);
});

it('keeps the order, whatever the delays', async () => {
  const line = new DelayLine();
  const arrived: number[] = [];
  for (const [index, delayMs] of [20, 0, 5, 20, 1].entries()) line.send(() => arrived.push(index), delayMs);
  await new Promise<void>((resolve) => line.send(resolve, 0));
  assert.deepEqual(arrived, [0, 1, 2, 3, 4]);
});

it('holds back what is sent during a stall, and then lets all of it go', async () => {
  const line = new DelayLine();
  const arrivedMs: number[] = [];
  const startedMs = performance.now();
  line.holdFor(40);
  for (let i = 0; i < 3; i++) line.send(() => arrivedMs.push(performance.now() - startedMs), 0);
  await new Promise<void>((resolve) => line.send(resolve, 0));
  assert.equal(arrivedMs.length, 3);
  assert.ok(Math.min(...arrivedMs) >= 39);
});
