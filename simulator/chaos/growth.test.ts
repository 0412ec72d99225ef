// What counts as growth of a process that lives for hours, and what does not.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findGrowth } from './growth.ts';

const first = { heapBytes: 100_000_000, codeBytes: 8_000_000, timers: 32, sockets: 8, keys: 400 };

it('a process that holds more than after its first hour has grown, and connections that come and go are no growth', () => {
  assert.deepEqual(findGrowth(first, first), []);
  assert.deepEqual(findGrowth(first, { ...first, heapBytes: 104_000_000, timers: 40, sockets: 16, keys: 420 }), []);
  assert.deepEqual(
    findGrowth(first, { heapBytes: 106_000_000, codeBytes: 13_000_000, timers: 60, sockets: 30, keys: 600 }),
    [
      'the heap: 106000000 after 100000000',
      'compiled code: 13000000 after 8000000',
      'timers: 60 after 32',
      'sockets: 30 after 8',
      'keys in the stores: 600 after 400',
    ],
  );
});
