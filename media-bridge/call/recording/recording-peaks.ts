// How loud both sides of a recording are: the lowest and the highest sample of every 20 ms, for a drawing.
import type { AudioFormat } from '../../audio/audio-format.ts';
import { decodeMulaw } from '../../audio/mulaw.ts';

export const intervalMs = 20;
/** Four hours: longer than any call. 1.4 MB a side. */
const maxIntervals = 720_000;

/** One side. Positions are in ms since the recording began. */
export class PeakTrack {
  #peaks = new Int8Array(2 * 3_000);
  #length = 0;

  /** A stretch of samples that is heard from `atMs` on. */
  add(atMs: number, samples: Int16Array, sampleRate: number): void {
    const perInterval = (sampleRate * intervalMs) / 1000;
    for (let from = 0; from < samples.length; from += perInterval) {
      const interval = Math.floor((atMs + (from * 1000) / sampleRate) / intervalMs);
      if (interval < 0 || interval >= maxIntervals) continue;
      this.#mark(interval, samples.subarray(from, from + perInterval));
    }
  }

  /** What was to be heard from then on is not. */
  cut(atMs: number): void {
    const interval = Math.max(0, Math.ceil(atMs / intervalMs));
    this.#peaks.fill(0, 2 * interval);
    this.#length = Math.min(this.#length, interval);
  }

  /** Low, high, low, high … */
  format(): string {
    return Buffer.from(this.#peaks.buffer, 0, 2 * this.#length).toString('base64');
  }

  #mark(interval: number, samples: Int16Array): void {
    if (2 * interval >= this.#peaks.length) {
      const longer = new Int8Array(Math.min(2 * maxIntervals, this.#peaks.length * 2 + 2 * interval));
      longer.set(this.#peaks);
      this.#peaks = longer;
    }
    let low = this.#peaks[2 * interval]!;
    let high = this.#peaks[2 * interval + 1]!;
    for (const sample of samples) {
      low = Math.min(low, sample >> 8);
      high = Math.max(high, sample >> 8);
    }
    this.#peaks[2 * interval] = low;
    this.#peaks[2 * interval + 1] = high;
    this.#length = Math.max(this.#length, interval + 1);
  }
}

/** Of the bytes of a leg. */
export function decodeSamples(audio: Buffer, { encoding }: AudioFormat): Int16Array {
  if (encoding === 'mulaw') {
    const samples = new Int16Array(audio.length);
    decodeMulaw(audio, samples);
    return samples;
  }
  const samples = new Int16Array(audio.length >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = audio.readInt16LE(2 * i);
  return samples;
}
