// How many are under way at a time, and what becomes of the rest where one fails.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { forEachAtOnce } from './at-once.ts';

it('does each once, no more at a time than it may, in the order in which they are given', async () => {
  const begun: number[] = [];
  let underWay = 0;
  let most = 0;
  await forEachAtOnce([...Array(10).keys()], 3, async (item) => {
    begun.push(item);
    most = Math.max(most, ++underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay--;
  });
  assert.deepEqual([begun, most, underWay], [[...Array(10).keys()], 3, 0]);
});

it('rejects with what the first rejects with', async () => {
  const failure = new Error('not this one');
  const work = async (item: number) => {
    if (item === 2) throw failure;
  };
  await assert.rejects(forEachAtOnce([1, 2, 3], 2, work), failure);
  await forEachAtOnce([], 2, work);
});
