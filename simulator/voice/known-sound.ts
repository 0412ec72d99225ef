// How a spoken text sounds, measured once for all who learn it or its beginning.
import { type Cepstra, createCepstra, hopMs, measureBands, windowMs } from './cepstra.ts';

const sampleRate = 16000;
/** The steps of what is heard fall anywhere: a sound known at two phases is never more than a quarter step off. */
const phasesMs = [0, hopMs / 2];
const audible = 300;

export class KnownSound {
  /** From its first audible sample to its last. */
  readonly durationMs: number;
  readonly #startMs: number;
  readonly #bands: readonly (readonly Float32Array[])[];

  constructor(samples: Int16Array) {
    const isAudible = (sample: number) => Math.abs(sample) > audible;
    this.#startMs = (Math.max(0, samples.findIndex(isAudible)) * 1000) / sampleRate;
    this.durationMs = ((samples.findLastIndex(isAudible) + 1) * 1000) / sampleRate - this.#startMs;
    this.#bands = phasesMs.map((ms) => measureBands(samples.subarray((ms * sampleRate) / 1000), sampleRate));
  }

  /** At each phase; of its first `durationMs` only, if they are given. None if there is no sound in it. */
  createCepstra(durationMs?: number): Cepstra[] {
    return this.#bands.flatMap((bands, phase) => {
      const windows = durationMs && Math.floor((this.#startMs + durationMs - phasesMs[phase]! - windowMs) / hopMs) + 1;
      return createCepstra(windows === undefined ? bands : bands.slice(0, windows)) ?? [];
    });
  }
}

const known = new WeakMap<Int16Array, KnownSound>();

/** `samples` of 16 kHz as they were spoken: nobody changes them any more. */
export function learnSound(samples: Int16Array): KnownSound {
  let sound = known.get(samples);
  if (!sound) known.set(samples, (sound = new KnownSound(samples)));
  return sound;
}
