// Tests of the stand-ins' own resampling, of recordings and of streams.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resample, StreamResampler } from './resample.ts';
import { createTone, levelDb, measureToneSnrDb } from './tone.ts';

const rates = [
  [16000, 24000],
  [24000, 16000],
  [16000, 8000],
  [8000, 16000],
] as const;

describe('resampling a recording', () => {
  it('keeps a tone clean and as loud, up and down', () => {
    for (const [from, to] of rates) {
      const out = resample(createTone(1000, 500, from), from, to);
      assert.equal(out.length, to / 2);
      assert.ok(measureToneSnrDb(out, to, 1000, 20) > 65, `${from} to ${to}`);
    }
  });

  it('lets nothing through that the lower rate cannot carry', () => {
    const out = resample(createTone(5000, 500, 16000), 16000, 8000);
    assert.ok(levelDb(out.subarray(200, -200)) < -75);
  });
});

describe('resampling a stream', () => {
  for (const [from, to] of rates) {
    it(`gives each frame its own, a constant time late: ${from} to ${to}`, () => {
      const tone = createTone(1000, 500, from);
      const stream = new StreamResampler(from, to);
      const out: number[] = [];
      for (let at = 0; at < tone.length; at += from / 50) {
        const frame = stream.push(tone.subarray(at, at + from / 50));
        assert.equal(frame.length, to / 50);
        out.push(...frame);
      }
      const whole = resample(tone, from, to);
      const late = Array.from({ length: to / 200 }, (_, samples) => samples).find(
        (samples) =>
          Math.abs(out[2000 + samples]! - whole[2000]!) <= 1 && Math.abs(out[2003 + samples]! - whole[2003]!) <= 1,
      );
      assert.ok(measureToneSnrDb(Int16Array.from(out), to, 1000, 20) > 65);
      assert.ok(late !== undefined && late <= to / 250, `${late} samples late`);
    });

    it(`does not care how the stream is cut: ${from} to ${to}`, () => {
      const tone = createTone(700, 100, from);
      const whole = new StreamResampler(from, to).push(tone);
      const stream = new StreamResampler(from, to);
      const out: number[] = [];
      for (let at = 0, length = 1; at < tone.length; at += length, length = (length * 7) % 97)
        out.push(...stream.push(tone.subarray(at, at + length)));
      assert.deepEqual(out, [...whole]);
    });
  }
});
