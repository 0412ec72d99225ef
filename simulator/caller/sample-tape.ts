// Records samples at 16 kHz as they come, up to a length.
import { phoneSampleRate } from './phone.ts';

/** Longer than any scenario; what comes later is not kept. */
const maxSamples = 30 * 60 * phoneSampleRate;

export class SampleTape {
  #samples = new Int16Array(phoneSampleRate);
  #length = 0;

  record(samples: Int16Array): void {
    const room = samples.subarray(0, maxSamples - this.#length);
    if (this.#length + room.length > this.#samples.length) {
      const longer = new Int16Array(Math.min(maxSamples, (this.#length + room.length) * 2));
      longer.set(this.#samples);
      this.#samples = longer;
    }
    this.#samples.set(room, this.#length);
    this.#length += room.length;
  }

  /** A copy of all that was recorded. */
  get samples(): Int16Array {
    return this.#samples.slice(0, this.#length);
  }
}
