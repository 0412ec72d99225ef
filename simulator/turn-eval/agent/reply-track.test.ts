// Tests of following a reply on the wire: soft, paused, gone on with, cut short, lost in part.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { decodeG711, encodeG711 } from '../../voice/g711.ts';
import { resample } from '../../voice/resample.ts';
import { findSounds } from './agent-sounds.ts';
import { ReplyTrack } from './reply-track.ts';

const samplesOf = (ms: number) => ms * 16;
const random = new SeededRandom(3);
/** Something that is like itself only where it is: a voice would do as well. */
const noise = (ms: number) =>
  Int16Array.from(
    { length: samplesOf(ms) },
    (_, n) => (random.fraction() * 2 - 1) * (1_500 + 1_000 * Math.sin(n / 900)),
  );
const [first, second] = [noise(2_000), noise(1_500)];
const spoken = [
  { text: 'first', samples: first },
  { text: 'second', samples: second },
];
const silence = (ms: number) => new Int16Array(samplesOf(ms));
const tape = (...parts: readonly Int16Array[]) => Int16Array.from(parts.flatMap((part) => [...part]));
const cut = (samples: Int16Array, fromMs: number, toMs?: number) =>
  samples.subarray(samplesOf(fromMs), toMs === undefined ? undefined : samplesOf(toMs));
const follow = (heard: Int16Array) => new ReplyTrack(heard, spoken, 16_000).follow();
const tell = (heard: Int16Array) =>
  follow(heard).map(({ fromMs, toMs, reply, lostSamples }) => [
    Math.round(fromMs),
    Math.round(toMs),
    reply,
    lostSamples,
  ]);

/**
 * What a caller on mu-law hears of it: 12 dB down from `softMs` on, and paused at `pauseMs` for 200 ms; then `skippedMs` of it are
 * missing. Both edges are faded.
 */
function playSoftly(samples: Int16Array, pauseMs: number, skippedMs = 0, softMs = 0): Int16Array {
  const line = resample(samples, 16_000, 8_000);
  const [stop, goesOn] = [pauseMs * 8, (pauseMs + skippedMs) * 8];
  const into = line
    .slice(0, stop)
    .map((sample, n) => Math.round((n < softMs * 8 ? sample : sample / 4) * Math.min(1, (stop - n) / 80)));
  const outOf = line.slice(goesOn).map((sample, n) => Math.round((sample / 4) * Math.min(1, n / 160)));
  const heard = tape(into, new Int16Array(200 * 8), outOf);
  return resample(decodeG711(encodeG711(heard, 'mulaw'), 'mulaw'), 8_000, 16_000);
}

describe('a reply on the wire', () => {
  it('is known from its beginning to its end, and the next one after it', () => {
    assert.deepEqual(tell(tape(silence(300), first, silence(500), second)), [
      [300, 2_300, 0, undefined],
      [2_800, 4_300, 1, undefined],
    ]);
  });

  it('goes on after a pause with the very next sample', () => {
    assert.deepEqual(tell(tape(cut(first, 0, 700), silence(160), cut(first, 700))), [
      [0, 700, 0, undefined],
      [860, 2_160, 0, 0],
    ]);
  });

  it('goes on with the very next sample near its end, though a voice is like itself a period before', () => {
    const hum = Int16Array.from({ length: samplesOf(1_000) }, (_, n) => 4_000 * Math.sin((2 * Math.PI * n) / 159));
    const heard = tape(cut(hum, 0, 940), silence(160), cut(hum, 940), second);
    const texts = [hum, second].map((samples) => ({ text: '', samples }));
    const [, after] = new ReplyTrack(heard, texts, 16_000).follow();
    assert.deepEqual([after!.reply, after!.lostSamples, after!.isEnd], [0, 0, true]);
  });

  it('goes on with 20 ms missing, or said twice', () => {
    const [, after] = tell(tape(cut(first, 0, 700), silence(160), cut(first, 720)));
    const [, again] = tell(tape(cut(first, 0, 700), silence(160), cut(first, 680)));
    assert.deepEqual([after!.at(-1), again!.at(-1)], [320, -320]);
  });

  it('was cut, and another one follows', () => {
    const found = tell(tape(cut(first, 0, 700), silence(900), second));
    assert.deepEqual(found, [
      [0, 700, 0, undefined],
      [1_600, 3_100, 1, undefined],
    ]);
  });

  it('is softer for a while, by the decibels that it is', () => {
    const soft = cut(first, 500, 900).map((sample) => sample / 4);
    const [part] = follow(tape(cut(first, 0, 500), soft, cut(first, 900)));
    const gainAt = (ms: number) => part!.frames.find(({ atMs }) => atMs === ms)!.gainDb;
    assert.ok(Math.abs(gainAt(400)) < 0.1 && Math.abs(gainAt(600) + 12) < 0.2 && Math.abs(gainAt(1_000)) < 0.1);
  });

  it('is nothing known where something else is heard', () => {
    assert.deepEqual(tell(tape(silence(100), noise(400))), [[100, 500, undefined, undefined]]);
  });

  it('follows an announcement without a pause, and is known all the same', () => {
    const announcement = { text: 'one moment', samples: noise(600) };
    const track = new ReplyTrack(tape(silence(100), announcement.samples, first), spoken, 16_000, [announcement]);
    assert.deepEqual(
      track.follow().map(({ fromMs, reply }) => [fromMs, reply]),
      [
        [100, undefined],
        [700, 0],
      ],
    );
  });

  it('is known from a few milliseconds of it, and where it is faded in', () => {
    assert.deepEqual(tell(tape(cut(first, 0, 700), silence(160), cut(first, 700, 740), silence(900), second)), [
      [0, 700, 0, undefined],
      [860, 900, 0, 0],
      [1_800, 3_300, 1, undefined],
    ]);
    const faded = first.map((sample, n) => (n < 640 ? 0 : sample));
    assert.deepEqual(tell(tape(silence(300), faded)), [[340, 2_300, 0, undefined]]);
  });

  it('has no pause where it is only quiet', () => {
    const quiet = Int16Array.from({ length: samplesOf(300) }, (_, n) => ((n * 7) % 121) - 60);
    assert.equal(findSounds(tape(cut(first, 0, 300), quiet, cut(first, 300, 600)), 16_000).length, 1);
  });

  it('goes on with the very next sample where it rests, though neither edge of the pause can be seen there on mu-law', () => {
    const resting = first.map((sample, n) =>
      n > samplesOf(480) && n < samplesOf(900) ? Math.round(sample / 32) : sample,
    );
    const lostOf = (heard: Int16Array) =>
      new ReplyTrack(heard, [{ text: 'resting', samples: resting }], 8_000)
        .follow()
        .map(({ lostSamples }) => lostSamples);
    assert.deepEqual(lostOf(playSoftly(resting, 600)), [undefined, 0]);
    // It became soft while it rested.
    assert.deepEqual(lostOf(playSoftly(resting, 600, 0, 520)), [undefined, 0]);
    const [, lost] = lostOf(playSoftly(resting, 600, 40));
    assert.ok(lost! > samplesOf(30), `${lost} samples`);
  });

  it('lets no more be missing on mu-law where it is loud', () => {
    const track = new ReplyTrack(playSoftly(first, 600, 20), [spoken[0]!], 8_000);
    const [, { lostSamples } = { lostSamples: 0 }] = track.follow();
    assert.ok(lostSamples! > samplesOf(15), `${lostSamples} samples`);
  });
});
