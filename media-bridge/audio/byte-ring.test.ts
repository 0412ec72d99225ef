// Holds the ring to an array of bytes, under everything that can be done to it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ByteRing } from './byte-ring.ts';

it('gives out what was put in, wherever it begins and however much it has grown', () => {
  const ring = new ByteRing(16);
  let expected: number[] = [];
  let next = 0;
  let state = 7;
  const dice = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
  for (let step = 0; step < 5_000; step++) {
    if (dice(2) === 0) {
      const piece = Buffer.from(Array.from({ length: dice(24) }, () => next++ & 0xff));
      const from = dice(piece.length + 1);
      ring.push(piece, from);
      expected.push(...piece.subarray(from));
    } else {
      const target = Buffer.alloc(dice(30));
      const skipped = dice(4);
      const found = ring.peek(target, skipped);
      assert.deepEqual([...target.subarray(0, found)], expected.slice(skipped, skipped + target.length));
      const dropped = Math.min(dice(30), ring.bytes);
      ring.drop(dropped);
      expected = expected.slice(dropped);
    }
    if (dice(200) === 0) {
      ring.clear();
      expected = [];
    }
    assert.equal(ring.bytes, expected.length);
  }
});
