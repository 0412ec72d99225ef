// Memory for samples that can be read as bytes too, kept from one chunk of a stream to the next.

/** 40 ms at 24 kHz: a carrier's frames never make it grow; a model's first long piece does, once. */
const initialSamples = 960;

/** Signed 16-bit samples, as the machine has them: little-endian on all of Azure's, as PCM is on every wire. */
export class SampleBuffer {
  #samples = new Int16Array(initialSamples);
  #bytes = Buffer.from(this.#samples.buffer);
  #view = this.#bytes;

  /** The whole memory, of which only what was written last means anything. */
  get samples(): Int16Array {
    return this.#samples;
  }

  /** The same memory, two bytes a sample. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Makes room; what was in it is gone if there was too little. */
  reserve(samples: number): void {
    if (samples <= this.#samples.length) return;
    this.#samples = new Int16Array(2 ** Math.ceil(Math.log2(samples)));
    this.#bytes = Buffer.from(this.#samples.buffer);
    this.#view = this.#bytes;
  }

  /** A view of the first bytes, which holds until the next `reserve`. Frames of equal length share one. */
  firstBytes(count: number): Buffer {
    if (this.#view.length !== count) this.#view = this.#bytes.subarray(0, count);
    return this.#view;
  }
}
