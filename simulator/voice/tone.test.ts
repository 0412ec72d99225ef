// Tests of tones and of measuring them.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTone, levelDb, measureToneSnrDb } from './tone.ts';

describe('tones', () => {
  it('are measured as clean as 16 bits allow', () => {
    const snr = measureToneSnrDb(createTone(440, 1000, 16000, 16000), 16000, 440);
    assert.ok(snr > 85 && snr < 105, `${snr} dB`);
  });

  it('are measured whatever their phase and offset', () => {
    const tone = createTone(1000, 500, 8000, 10000)
      .subarray(3)
      .map((sample) => sample + 500);
    assert.ok(measureToneSnrDb(tone, 8000, 1000) > 60);
  });

  it('that are another tone, or silence, are not the tone', () => {
    assert.ok(measureToneSnrDb(createTone(600, 500, 16000), 16000, 440) < -20);
    assert.equal(measureToneSnrDb(new Int16Array(1600), 16000, 440), Number.NEGATIVE_INFINITY);
    assert.equal(measureToneSnrDb(new Int16Array(0), 16000, 440), Number.NEGATIVE_INFINITY);
  });

  it('with a tenth of another tone are 20 dB clean', () => {
    const [tone, other] = [createTone(440, 1000, 16000, 10000), createTone(700, 1000, 16000, 1000)];
    const snr = measureToneSnrDb(
      tone.map((sample, i) => sample + other[i]!),
      16000,
      440,
    );
    assert.ok(Math.abs(snr - 20) < 0.1, `${snr} dB`);
  });

  it('are measured without the edges that are given', () => {
    const tone = createTone(440, 1000, 16000);
    tone.fill(0, 0, 1600);
    assert.ok(measureToneSnrDb(tone, 16000, 440) < 15);
    assert.ok(measureToneSnrDb(tone, 16000, 440, 100) > 70);
  });

  it('have a level of 3 dB under their peak', () => {
    assert.ok(Math.abs(levelDb(createTone(500, 1000, 8000, 32767)) + 3.01) < 0.02);
    assert.equal(levelDb(new Int16Array(10)), Number.NEGATIVE_INFINITY);
    assert.equal(levelDb(new Int16Array(0)), Number.NEGATIVE_INFINITY);
  });
});
