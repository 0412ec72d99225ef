// Holds the resampler to what a listener hears, and to streams cut in any way.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { assembleKernel, bytesPathOf } from '../../build-kernels.ts';
import type { AudioFormat } from './audio-format.ts';
import { measureResampler } from './audio-measures.ts';
import { createPlainResampler, createResampler } from './create-resampler.ts';
import type { Resampler } from './resampler.ts';

type SampleRate = AudioFormat['sampleRate'];

const pairs: readonly (readonly [SampleRate, SampleRate])[] = [
  [16000, 24000],
  [24000, 16000],
  [8000, 24000],
  [24000, 8000],
  [8000, 16000],
  [16000, 8000],
];

/** The same noise in every run. */
function createNoise(samples: number): Int16Array {
  let state = 12345;
  return Int16Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >> 17;
  });
}

function inChunks(resampler: Resampler, input: Int16Array, chunkSamples: () => number): Int16Array {
  const output: number[] = [];
  for (let at = 0; at < input.length; ) {
    const chunk = input.subarray(at, at + chunkSamples());
    const piece = new Int16Array(resampler.maxOutputSamples(chunk.length));
    output.push(...piece.subarray(0, resampler.process(chunk, piece)));
    at += chunk.length;
  }
  return Int16Array.from(output);
}

const in20ms = (fromHz: SampleRate, toHz: SampleRate) => (samples: Int16Array) =>
  inChunks(createResampler(fromHz, toHz), samples, () => fromHz / 50);

for (const [fromHz, toHz] of pairs) {
  describe(`${fromHz} Hz to ${toHz} Hz`, () => {
    it('passes speech evenly, keeps aliases and images 80 dB below it, and is at most 2.5 ms late', () => {
      const quality = measureResampler(in20ms(fromHz, toHz), fromHz, toHz);
      assert.ok(quality.rippleDb <= 0.01, `ripple ${quality.rippleDb} dB`);
      assert.ok(quality.rejectionDb >= 80, `rejection ${quality.rejectionDb} dB`);
      assert.ok(quality.sinadDb >= 88, `SINAD ${quality.sinadDb} dB`);
      assert.ok(quality.delayMs <= 2.5, `delay ${quality.delayMs} ms`);
      const { delayMs } = createResampler(fromHz, toHz);
      assert.ok(Math.abs(quality.delayMs - delayMs) < 0.01, `says ${delayMs} ms, is ${quality.delayMs} ms`);
    });

    it('gives the same samples however the stream is cut', () => {
      const noise = createNoise(6000);
      const whole = inChunks(createResampler(fromHz, toHz), noise, () => noise.length);
      const lengths = [1, 2, 3, 5, 7, 160, 161, 319, 480, 481, 1000, 0];
      let turn = 0;
      const cut = inChunks(createResampler(fromHz, toHz), noise, () => lengths[turn++ % lengths.length]!);
      assert.deepEqual(cut, whole);
      assert.deepEqual(
        inChunks(createResampler(fromHz, toHz), noise, () => 1),
        whole,
      );
    });

    it('gives the same samples by vectors and without them, also at full scale', () => {
      const noise = createNoise(20_000).map((sample, i) => (i % 3_000 < 1_000 ? Math.sign(sample) * 32_767 : sample));
      const [byVectors, plain] = [createResampler(fromHz, toHz), createPlainResampler(fromHz, toHz)];
      assert.notEqual(byVectors.constructor, plain.constructor);
      const whole = (resampler: Resampler) => inChunks(resampler, noise, () => noise.length);
      assert.deepEqual(whole(byVectors), whole(plain));
    });

    it('loses no sample over a long run of odd chunks', () => {
      const resampler = createResampler(fromHz, toHz);
      const chunk = new Int16Array(397);
      const output = new Int16Array(resampler.maxOutputSamples(chunk.length));
      let written = 0;
      for (let i = 0; i < 2400; i++) written += resampler.process(chunk, output);
      // 2,400 chunks are a whole number of groups at every ratio.
      assert.equal(written, (2400 * 397 * toHz) / fromHz);
    });

    it('saturates instead of wrapping round', () => {
      const square = Int16Array.from({ length: 480 }, (_, i) => (i % 96 < 48 ? 32767 : -32768));
      const output = in20ms(fromHz, toHz)(square);
      // A wrapped peak would be a jump from one end to the other and back within a half wave.
      const half = (48 * toHz) / fromHz;
      const late = Math.ceil((createResampler(fromHz, toHz).delayMs * toHz) / 1000);
      const firstHalf = output.subarray(late + 4, late + half - 4);
      assert.ok(firstHalf.every((sample) => sample > 20_000));
      assert.ok(firstHalf.includes(32767));
    });
  });
}

it('writes one 20 ms frame for one 20 ms frame', () => {
  for (const [fromHz, toHz] of pairs) {
    const resampler = createResampler(fromHz, toHz);
    const output = new Int16Array(resampler.maxOutputSamples(fromHz / 50));
    assert.equal(output.length, toHz / 50);
    for (let frame = 0; frame < 3; frame++) {
      assert.equal(resampler.process(new Int16Array(fromHz / 50), output), toHz / 50);
    }
  }
});

it('reads no more of the input than it is told to', () => {
  const resampler = createResampler(16000, 8000);
  const output = new Int16Array(100);
  assert.equal(resampler.process(Int16Array.of(9999, 9999, 9999, 9999), output, 0), 0);
  assert.equal(resampler.process(new Int16Array(160), output, 160), 80);
  assert.ok(output.every((sample) => sample === 0));
});

it('hears nothing of the last stream after a reset', () => {
  const resampler = createResampler(16000, 24000);
  const output = new Int16Array(resampler.maxOutputSamples(321));
  resampler.process(createNoise(321), output);
  resampler.reset();
  const fresh = new Int16Array(output.length);
  const count = createResampler(16000, 24000).process(createNoise(320), fresh);
  assert.equal(resampler.process(createNoise(320), output), count);
  assert.deepEqual(output.subarray(0, count), fresh.subarray(0, count));
});

it('keeps two streams apart', () => {
  const [loud, quiet] = [createResampler(24000, 16000), createResampler(24000, 16000)];
  const output = new Int16Array(320);
  for (let frame = 0; frame < 5; frame++) {
    loud.process(createNoise(480), output);
    quiet.process(new Int16Array(480), output);
    assert.ok(output.every((sample) => sample === 0));
  }
});

it('runs the kernel that its source says', async () => {
  const kernel = 'media-bridge/audio/fir-kernel';
  assert.equal(readFileSync(bytesPathOf(kernel), 'utf8'), await assembleKernel(kernel));
});

it('refuses two equal rates', () => {
  assert.throws(() => createResampler(16000, 16000), RangeError);
});
