// Holds queues of bytes to arrays, under everything that can be done to them, and their memory to what was taken before.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ByteQueue } from './byte-queue.ts';

/** A few of the blocks that the queues are made of. */
const someBlocks = 12_000;

it('gives each queue what was put into it, wherever it begins and whosever memory it was', () => {
  const queues = Array.from({ length: 3 }, () => ({ queue: new ByteQueue(), expected: Buffer.alloc(0) }));
  let next = 0;
  let state = 7;
  const dice = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
  for (let step = 0; step < 6_000; step++) {
    const one = queues[dice(queues.length)]!;
    const length = dice(dice(4) === 0 ? someBlocks : 700);
    if (dice(2) === 0) {
      const piece = Buffer.from(Array.from({ length }, () => next++ % 251));
      const from = dice(length + 1);
      one.queue.push(piece, from);
      one.expected = Buffer.concat([one.expected, piece.subarray(from)]);
    } else {
      const target = Buffer.alloc(length);
      const skipped = dice(4_000);
      const found = one.queue.peek(target, skipped);
      assert.deepEqual(target.subarray(0, found), one.expected.subarray(skipped, skipped + length));
      const dropped = Math.min(dice(2 * someBlocks), one.queue.bytes);
      one.queue.drop(dropped);
      one.expected = one.expected.subarray(dropped);
    }
    if (dice(200) === 0) {
      one.queue.clear();
      one.expected = Buffer.alloc(0);
    }
    assert.equal(one.queue.bytes, one.expected.length);
  }
});

it('takes what others have given back before it takes more memory', () => {
  const piece = Buffer.alloc(100_000);
  const beside = () => process.memoryUsage().arrayBuffers;
  const first = new ByteQueue();
  first.push(piece);
  first.drop(first.bytes);
  const before = beside();
  const second = new ByteQueue();
  for (let i = 0; i < 50; i++) {
    second.push(piece);
    if (i % 2 === 0) second.drop(second.bytes);
    else second.clear();
  }
  assert.ok(beside() - before < piece.length, `${beside() - before} bytes more`);
});
