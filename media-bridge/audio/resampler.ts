// Port: converts a stream of samples from one rate to another, and remembers across chunks.

/** One direction of one call. Samples are signed 16-bit integers. */
export interface Resampler {
  /** The output lags behind the input by so much, 1.4 to 2.3 ms: half the length of the filter. */
  readonly delayMs: number;
  /** The most that `process` may write for so many samples. */
  maxOutputSamples(inputSamples: number): number;
  /**
   * Takes any number of samples (the first `inputSamples` of `input`) and returns how many it wrote. At most two
   * samples wait for the next call; how the input is cut changes nothing in the output.
   */
  process(input: Int16Array, output: Int16Array, inputSamples?: number): number;
  /** Forgets what came before: what follows is another stream. */
  reset(): void;
}
