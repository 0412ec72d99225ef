// Tests of the prompts of a call: order, looping, mixing, cancelling.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { phoneFrameSamples } from '../caller/phone.ts';
import { AcsPrompts } from './acs-prompts.ts';

function open() {
  const prompts = new AcsPrompts();
  const events: string[] = [];
  const add = (name: string, value: number, frames: number, loop = false) =>
    prompts.add({
      samples: new Int16Array(frames * phoneFrameSamples).fill(value),
      loop,
      onStarted: () => events.push(`${name} started`),
      onCompleted: () => events.push(`${name} completed`),
      onCanceled: () => events.push(`${name} canceled`),
    });
  const beat = (over = 0) => {
    const frame = new Int16Array(phoneFrameSamples).fill(over);
    prompts.mixInto(frame);
    return frame[0]!;
  };
  return { prompts, events, add, beat };
}

it('plays one prompt after the other, then nothing', () => {
  const { events, add, beat } = open();
  add('a', 100, 2);
  add('b', 200, 1);
  assert.deepEqual([beat(), beat(), beat(), beat()], [100, 100, 200, 0]);
  assert.deepEqual(events, ['a started', 'a completed', 'b started', 'b completed']);
});

it('mixes into what the application sends without running over', () => {
  const { add, beat } = open();
  add('a', 30_000, 2);
  assert.deepEqual([beat(1_000), beat(10_000)], [31_000, 32_767]);
});

it('repeats a loop until everything is cancelled, and says so once', () => {
  const { prompts, events, add, beat } = open();
  add('hold', 100, 1, true);
  add('later', 200, 1);
  assert.deepEqual([beat(), beat(), beat()], [100, 100, 100]);
  prompts.cancel();
  assert.equal(beat(), 0);
  assert.deepEqual(events, ['hold started', 'hold canceled', 'later canceled']);
});
