// The making of sounds that no speech engine has: resonances, noise and the envelope of both, at 16 kHz. Pure.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { levelDb } from '../../voice/tone.ts';

export const soundHz = 16_000;
export const samplesOf = (ms: number) => Math.round((ms * soundHz) / 1000);

/** A resonance of two poles: `state` goes through it. */
export class Resonance {
  readonly #a: number;
  readonly #b: number;
  readonly #gain: number;
  #y1 = 0;
  #y2 = 0;

  constructor(hz: number, bandwidthHz: number) {
    const radius = Math.exp((-Math.PI * bandwidthHz) / soundHz);
    this.#a = 2 * radius * Math.cos((2 * Math.PI * hz) / soundHz);
    this.#b = -(radius ** 2);
    this.#gain = 1 - radius;
  }

  next(x: number): number {
    const y = this.#gain * x + this.#a * this.#y1 + this.#b * this.#y2;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}

/** From -1 to 1. */
export const drawNoise = (random: SeededRandom) => random.fraction() * 2 - 1;

/** A share of the length for the rise, another for the fall; 1 between. */
export function envelope(at: number, rise: number, fall: number): number {
  return Math.max(0, Math.min(1, at / rise, (1 - at) / fall));
}

/** At this root mean square, in dB below full scale; peaks are cut. */
export function atLevel(samples: Float64Array | Int16Array, db: number): Int16Array {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  const gain = (32_768 * 10 ** (db / 20)) / Math.max(1e-9, Math.sqrt(power / Math.max(1, samples.length)));
  const out = new Int16Array(samples.length);
  for (let n = 0; n < out.length; n++) out[n] = Math.max(-32_768, Math.min(32_767, Math.round(samples[n]! * gain)));
  return out;
}

export function amplify(samples: Int16Array, db: number): Int16Array {
  return db === 0 ? samples : atLevel(samples, levelDb(samples) + db);
}

export function joinSounds(...parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
