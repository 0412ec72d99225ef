// Tests of what the agent made of a sound, by parts of replies as they are found on the wire.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { HeardPart } from '../agent/reply-track.ts';
import { endsByItself, findReaction } from './agent-reaction.ts';

type Rest = Partial<Pick<HeardPart, 'lostSamples' | 'isEnd'>> & { readonly softFromMs?: number };

const part = (
  fromMs: number,
  toMs: number,
  reply: number | undefined,
  { softFromMs = Infinity, ...rest }: Rest = {},
): HeardPart => ({
  fromMs,
  toMs,
  reply,
  lostSamples: undefined,
  isEnd: false,
  frames: Array.from({ length: Math.floor((toMs - fromMs) / 20) }, (_, n) => fromMs + n * 20).map((atMs) => ({
    atMs,
    gainDb: atMs >= softFromMs ? -12 : 0,
  })),
  ...rest,
});
const react = (...parts: readonly HeardPart[]) => {
  const { softerMs, silentMs, pauses, isStopped } = findReaction(parts, { fromMs: 1_000, toMs: 3_000 })!;
  return [softerMs, silentMs, pauses.length, isStopped];
};

it('talks on', () => {
  assert.deepEqual(react(part(0, 9_000, 0)), [undefined, undefined, 0, false]);
});

it('is softer, pauses, and goes on', () => {
  const [before, after] = [part(0, 1_460, 0, { softFromMs: 1_120 }), part(1_600, 9_000, 0, { lostSamples: 0 })];
  assert.deepEqual(react(before, after), [120, 460, 1, false]);
});

it('became softer nobody knows when, where its own voice rested meanwhile', () => {
  const whole = part(0, 1_460, 0, { softFromMs: 1_120 });
  const resting = (fromMs: number, toMs: number) => ({
    ...whole,
    frames: whole.frames.filter(({ atMs }) => atMs < fromMs || atMs >= toMs),
  });
  const after = part(1_600, 9_000, 0, { lostSamples: 0 });
  assert.deepEqual(react(resting(1_080, 1_160), after), [160, 460, 1, false], 'between two syllables');
  assert.deepEqual(react(resting(1_080, 1_240), after), [undefined, 460, 1, false], 'between two sentences');
  assert.deepEqual(react(resting(1_100, 1_460), after), [undefined, 460, 1, false]);
});

it('became softer nobody knows whether, where its own voice rested until a short sound was over', () => {
  const whole = part(0, 1_700, 0);
  const resting = { ...whole, frames: whole.frames.filter(({ atMs }) => atMs < 1_000 || atMs >= 1_320) };
  const after = part(3_000, 9_000, 1);
  const reactTo = (toMs: number) => findReaction([resting, after], { fromMs: 1_000, toMs })!;
  assert.deepEqual([reactTo(1_180).softerMs, reactTo(1_180).silentMs], [undefined, 700]);
  assert.equal(reactTo(1_500).softerMs, 700, 'it was loud again, and somebody still spoke');
});

it('stops, and says something else', () => {
  assert.deepEqual(react(part(0, 1_460, 0), part(3_000, 9_000, 1)), [460, 460, 1, true]);
});

it('stops, and says nothing more', () => {
  assert.deepEqual(react(part(0, 1_460, 0)), [460, 460, 1, true]);
});

it('pauses, goes on, and stops', () => {
  const parts = [part(0, 1_460, 0), part(1_600, 1_900, 0, { lostSamples: 0 }), part(4_000, 9_000, 1)];
  assert.deepEqual(react(...parts), [460, 460, 2, true]);
});

it('goes on with the next sentence, with a pause between them and without', () => {
  const next = part(1_460, 9_000, 1);
  assert.deepEqual(react(part(0, 1_460, 0, { isEnd: true }), next), [undefined, undefined, 0, false]);
  assert.deepEqual(react(part(0, 1_300, 0, { isEnd: true }), next), [300, 300, 1, false]);
  assert.deepEqual(react(part(0, 1_460, 0), next), [undefined, undefined, 0, true], 'cut short for the next one');
});

it('is not judged where it had no more to say', () => {
  const ending = part(0, 2_100, 0, { isEnd: true });
  assert.equal(endsByItself([ending], 1_000), true);
  assert.equal(endsByItself([ending], 800), false);
  assert.equal(endsByItself([part(0, 2_100, 0)], 1_000), false, 'it was stopped');
  assert.equal(endsByItself([ending, part(2_100, 5_000, 1)], 1_000), false, 'another sentence follows');
  const [before, after] = [part(0, 1_400, 0), part(1_600, 2_200, 0, { lostSamples: 0, isEnd: true })];
  assert.equal(endsByItself([before, after, part(2_800, 5_000, 1)], 1_000), true, 'it paused before its end');
  assert.equal(endsByItself([before, after], 900), true, 'what it paused for is nothing that it said');
  assert.equal(endsByItself([before, after], 700), false);
});

it('knows nothing of what is no reply', () => {
  assert.equal(findReaction([part(0, 9_000, undefined)], { fromMs: 1_000, toMs: 3_000 }), undefined);
  assert.equal(findReaction([part(0, 900, 0)], { fromMs: 1_000, toMs: 3_000 }), undefined);
});
