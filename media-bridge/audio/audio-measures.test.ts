// Holds the measures to resamplers whose faults are known.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createTone, measureResampler } from './audio-measures.ts';
import { fitTone } from './tone-fit.ts';

it('finds a tone, its phase and the noise behind it', () => {
  const samples = createTone(1003, 16000, 100, 10_000).map((sample, i) => sample + (i % 2 === 0 ? 100 : -100));
  const fit = fitTone(samples.subarray(4), 16000, 1003);
  assert.ok(Math.abs(fit.amplitude - 10_000) < 10);
  assert.ok(Math.abs(fit.phase - (2 * Math.PI * 1003 * 4) / 16000) < 0.001);
  assert.ok(Math.abs(Math.sqrt(fit.restPower) - 100) < 1);
  assert.ok(Math.abs(Math.sqrt(fit.power) - 7072) < 10);
});

it('hears the images that a straight line between samples leaves, and how dull it is', () => {
  const quality = measureResampler(
    (samples) =>
      Int16Array.from({ length: samples.length * 3 }, (_, i) => {
        const [before, after] = [samples[Math.floor(i / 3)]!, samples[Math.floor(i / 3) + 1] ?? 0];
        return Math.round(before + ((after - before) * (i % 3)) / 3);
      }),
    8000,
    24000,
  );
  // A triangle passes 3.4 kHz at (sin 3πx / 3 sin πx)² with x = 3.4 / 24: -4.9 dB. Its image at 4.6 kHz is at -9.7 dB.
  assert.ok(quality.rippleDb > 4.5 && quality.rippleDb < 5.5, `ripple ${quality.rippleDb} dB`);
  assert.ok(quality.rejectionDb > 9 && quality.rejectionDb < 11, `rejection ${quality.rejectionDb} dB`);
  assert.ok(quality.sinadDb < 35, `SINAD ${quality.sinadDb} dB`);
  assert.ok(Math.abs(quality.delayMs) < 0.01, `delay ${quality.delayMs} ms`);
});

it('hears the aliases of a resampler without a filter, and sees its delay', () => {
  const quality = measureResampler(
    (samples) => Int16Array.from({ length: samples.length / 3 }, (_, i) => samples[(i - 40) * 3] ?? 0),
    24000,
    8000,
  );
  assert.ok(Math.abs(quality.rejectionDb) < 0.1, `rejection ${quality.rejectionDb} dB`);
  assert.ok(quality.rippleDb < 0.01, `ripple ${quality.rippleDb} dB`);
  assert.ok(Math.abs(quality.delayMs - 5) < 0.01, `delay ${quality.delayMs} ms`);
});
