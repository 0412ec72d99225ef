// What becomes of switches that several faults turn.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { turn } from './fault.ts';

it('faults that turn the same switches at once leave them as they were, in whatever order they end', () => {
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    const switches = { refuse: false, oneWayMs: 0, jitterMs: 5 };
    const refused = { refuse: true };
    const struck = [turn(switches, refused), turn(switches, { oneWayMs: 80 }), turn(switches, refused)];
    assert.deepEqual(switches, { refuse: true, oneWayMs: 80, jitterMs: 5 });
    const seen = order.map((index) => {
      void struck[index]!.undo?.();
      return { ...switches };
    });
    assert.ok(order.at(-1) === 1 || seen[1]!.refuse, 'one of two is over');
    assert.deepEqual(seen[2], { refuse: false, oneWayMs: 0, jitterMs: 5 });
  }
});
