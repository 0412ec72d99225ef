// The resampler on the processor's vectors: keeps what one stream needs of the past, and borrows the kernel for each chunk.
import type { FirDesign } from './fir-design.ts';
import { type FirKernel, type KernelFilter, maxKernelInputs } from './fir-kernel.ts';
import type { Resampler } from './resampler.ts';

const noSamples = new Int16Array(0);

export class KernelResampler implements Resampler {
  readonly delayMs: number;
  readonly #design: FirDesign;
  readonly #kernel: FirKernel;
  readonly #run: KernelFilter;
  readonly #blockSamples: number;
  /** The inputs that the next window needs, oldest first. */
  readonly #past: Int16Array;
  #held: number;
  /** Views are made once for chunks of the same length. */
  #chunk: Int16Array = noSamples;
  #chunkOf: Int16Array = noSamples;
  #result: Int16Array = noSamples;

  constructor(design: FirDesign, kernel: FirKernel) {
    this.#design = design;
    this.#kernel = kernel;
    this.#run = kernel.filterOf(design);
    this.delayMs = design.delayMs;
    this.#past = new Int16Array(design.window - 1 + design.down);
    this.#held = design.window - design.down;
    this.#blockSamples = maxKernelInputs - this.#past.length;
  }

  maxOutputSamples(inputSamples: number): number {
    return Math.ceil(inputSamples / this.#design.down) * this.#design.up;
  }

  process(input: Int16Array, output: Int16Array, inputSamples = input.length): number {
    if (inputSamples <= this.#blockSamples) return this.#filter(this.#viewOf(input, inputSamples), output, 0);
    let written = 0;
    for (let start = 0; start < inputSamples; start += this.#blockSamples) {
      const end = Math.min(start + this.#blockSamples, inputSamples);
      written += this.#filter(input.subarray(start, end), output, written);
    }
    return written;
  }

  reset(): void {
    this.#past.fill(0);
    this.#held = this.#design.window - this.#design.down;
  }

  #filter(chunk: Int16Array, output: Int16Array, at: number): number {
    const { up, down, window } = this.#design;
    const { inputs, outputs } = this.#kernel;
    const past = this.#past;
    // Short: a loop is as fast as a copy by the engine, and makes no view.
    for (let i = 0; i < this.#held; i++) inputs[i] = past[i]!;
    inputs.set(chunk, this.#held);
    const held = this.#held + chunk.length;
    const groups = held < window ? 0 : Math.floor((held - window) / down) + 1;
    const taken = groups * down;
    for (let i = taken; i < held; i++) past[i - taken] = inputs[i]!;
    this.#held = held - taken;
    if (groups === 0) return 0;
    this.#run(groups);
    const written = groups * up;
    if (this.#result.length !== written) this.#result = outputs.subarray(0, written);
    output.set(this.#result, at);
    return written;
  }

  #viewOf(input: Int16Array, samples: number): Int16Array {
    if (samples === input.length) return input;
    if (input !== this.#chunkOf || samples !== this.#chunk.length) {
      this.#chunkOf = input;
      this.#chunk = input.subarray(0, samples);
    }
    return this.#chunk;
  }
}
