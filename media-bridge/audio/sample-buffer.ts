// Memory for samples that can be read as bytes too, kept from one chunk of a stream to the next.

/** Chunks of one length share one memory, and a model's odd ones mostly do: 10 ms at 16 kHz. */
const stepSamples = 160;
/** 160 ms at 16 kHz. What is longer is given back as soon as a shorter chunk comes. */
const keptSamples = 16 * stepSamples;
const noSamples = new Int16Array(0);
const noBytes = Buffer.from(noSamples.buffer);

/** Signed 16-bit samples, as the machine has them: little-endian on all of Azure's, as PCM is on every wire. */
export class SampleBuffer {
  /** Whoever is asked for none has none. */
  #samples = noSamples;
  #bytes = noBytes;
  #view = noBytes;

  /** The whole memory, of which only what was written last means anything. */
  get samples(): Int16Array {
    return this.#samples;
  }

  /** The same memory, two bytes a sample. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Makes room; what was in it may be gone. */
  reserve(samples: number): void {
    const { length } = this.#samples;
    if (samples <= length && length <= Math.max(keptSamples, samples + stepSamples)) return;
    this.#samples = new Int16Array(Math.ceil(samples / stepSamples) * stepSamples);
    this.#bytes = Buffer.from(this.#samples.buffer);
    this.#view = this.#bytes;
  }

  /** A view of the first bytes, which holds until the next `reserve`. Frames of equal length share one. */
  firstBytes(count: number): Buffer {
    if (this.#view.length !== count) this.#view = this.#bytes.subarray(0, count);
    return this.#view;
  }
}
