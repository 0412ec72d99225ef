// Tests of the time of what is heard.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { HeardClock } from './heard-clock.ts';

it('goes with the time of frames and between them, and stands still where none comes for long', (t) => {
  let nowMs = 1_000;
  t.mock.method(performance, 'now', () => nowMs);
  const clock = new HeardClock();
  const after = (ms: number, isFrame: boolean) => {
    nowMs += ms;
    if (isFrame) clock.hear();
    return clock.nowMs;
  };
  assert.deepEqual([after(20, true), after(15, false), after(5, true)], [1_020, 1_035, 1_040]);
  assert.deepEqual([after(180, true), after(200, false), after(5_000, false)], [1_220, 1_420, 1_420]);
  assert.deepEqual([after(0, true), after(0, true), after(20, true)], [1_420, 1_420, 1_440]);
});
