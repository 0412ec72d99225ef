// Tests of keeping the caller's words between two models.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { mulaw8k } from '../audio/audio-format.ts';
import { CallerBacklog } from './caller-backlog.ts';

it('gives what it holds in order, once, and its own copy of it', () => {
  const held = new CallerBacklog(mulaw8k);
  const reused = Buffer.from([1]);
  held.add(reused);
  reused[0] = 2;
  held.add(reused);
  assert.deepEqual(Buffer.concat([...held.takeAll()]), Buffer.from([1, 2]));
  assert.deepEqual(held.takeAll(), []);
});

it('holds the last five seconds', () => {
  const held = new CallerBacklog(mulaw8k);
  for (let second = 1; second <= 7; second++) held.add(Buffer.alloc(8000, second));
  assert.deepEqual(
    held.takeAll().map(([first]) => first),
    [3, 4, 5, 6, 7],
  );
});
