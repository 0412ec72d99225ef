// Converts a stream of samples between 8, 16 and 24 kHz with a polyphase FIR filter that remembers across chunks.
import type { AudioFormat } from './audio-format.ts';

type SampleRate = AudioFormat['sampleRate'];

/** One direction of one call. Samples are signed 16-bit integers; rates are in samples a second. */
export interface Resampler {
  /** The output lags behind the input by so much, 1.4 to 2.3 ms: half the length of the filter. */
  readonly delayMs: number;
  /** The most that `process` may write for so many samples. */
  maxOutputSamples(inputSamples: number): number;
  /**
   * Takes any number of samples (the first `inputSamples` of `input`) and returns how many it wrote. At most two
   * samples wait for the next call; how the input is cut changes nothing in the output. Allocates nothing.
   */
  process(input: Int16Array, output: Int16Array, inputSamples?: number): number;
  /** Forgets what came before: what follows is another stream. */
  reset(): void;
}

/** Aliases and images of the passband stay so far below it. The aim is 80 dB; 87 to 93 were measured. */
const attenuationDb = 85;
/**
 * By the lower of the two rates: what a telephone carries at that rate passes untouched, and the filter is down as far
 * above the Nyquist frequency as the passband ends below it. The gap holds little of a voice and shortens the delay.
 */
const passbandHz: Record<number, number> = { 8000: 3400, 16000: 7000 };
/** Longer input is worked off in blocks of one 20 ms frame at 24 kHz, which fit the processor's nearest cache. */
const blockSamples = 480;

/** Throws RangeError where the rates are the same. */
export function createResampler(fromHz: SampleRate, toHz: SampleRate): Resampler {
  if (fromHz === toHz) throw new RangeError(`there is nothing to resample from ${fromHz} Hz to ${toHz} Hz`);
  return new PolyphaseResampler(fromHz, toHz);
}

/**
 * Every `down` input samples give `up` output samples: a group. All outputs of a group are sums over the same window of
 * inputs, each with its own row of taps.
 */
class PolyphaseResampler implements Resampler {
  readonly delayMs: number;
  readonly #up: number;
  readonly #down: number;
  readonly #window: number;
  readonly #taps: Float64Array;
  /** The inputs that the next window needs, oldest first, and room for a block behind them. */
  readonly #inputs: Float64Array;
  #held: number;

  constructor(fromHz: SampleRate, toHz: SampleRate) {
    const commonHz = fromHz * (toHz / greatestCommonDivisor(fromHz, toHz));
    this.#up = commonHz / fromHz;
    this.#down = commonHz / toHz;
    const filter = createLowPass(Math.min(fromHz, toHz), commonHz);
    this.delayMs = (filter.length - 1) / 2 / (commonHz / 1000);
    this.#window = this.#down + Math.floor((filter.length - 1) / this.#up);
    this.#taps = createTapRows(filter, this.#up, this.#down, this.#window);
    this.#inputs = new Float64Array(this.#window + blockSamples);
    this.#held = this.#window - this.#down;
  }

  maxOutputSamples(inputSamples: number): number {
    return Math.ceil(inputSamples / this.#down) * this.#up;
  }

  process(input: Int16Array, output: Int16Array, inputSamples = input.length): number {
    const inputs = this.#inputs;
    let written = 0;
    for (let start = 0; start < inputSamples; start += blockSamples) {
      const end = Math.min(start + blockSamples, inputSamples);
      let held = this.#held;
      for (let i = start; i < end; i++) inputs[held++] = input[i]!;
      const groups = Math.floor((held - this.#window) / this.#down) + 1;
      this.#filter(groups, output, written);
      written += groups * this.#up;
      inputs.copyWithin(0, groups * this.#down, held);
      this.#held = held - groups * this.#down;
    }
    return written;
  }

  reset(): void {
    this.#inputs.fill(0);
    this.#held = this.#window - this.#down;
  }

  /**
   * Eight groups at a time, so that a tap is loaded once for eight products: up to 1.7 times as fast as one dot product
   * after another. So are doubles beside floats, which are widened at every load. A sum has the same order alone and
   * among eight.
   */
  #filter(groups: number, output: Int16Array, at: number): void {
    const up = this.#up;
    const down = this.#down;
    const window = this.#window;
    const taps = this.#taps;
    const inputs = this.#inputs;
    for (let row = 0; row < up; row++) {
      const firstTap = row * window;
      let group = 0;
      for (; group + 8 <= groups; group += 8) {
        let a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number;
        a = b = c = d = e = f = g = h = 0;
        for (let k = 0; k < window; k++) {
          const tap = taps[firstTap + k]!;
          let i = group * down + k;
          a += tap * inputs[i]!;
          b += tap * inputs[(i += down)]!;
          c += tap * inputs[(i += down)]!;
          d += tap * inputs[(i += down)]!;
          e += tap * inputs[(i += down)]!;
          f += tap * inputs[(i += down)]!;
          g += tap * inputs[(i += down)]!;
          h += tap * inputs[(i += down)]!;
        }
        let o = at + group * up + row;
        output[o] = toSample(a);
        output[(o += up)] = toSample(b);
        output[(o += up)] = toSample(c);
        output[(o += up)] = toSample(d);
        output[(o += up)] = toSample(e);
        output[(o += up)] = toSample(f);
        output[(o += up)] = toSample(g);
        output[(o += up)] = toSample(h);
      }
      for (; group < groups; group++) {
        let sum = 0;
        for (let k = 0; k < window; k++) sum += taps[firstTap + k]! * inputs[group * down + k]!;
        output[at + group * up + row] = toSample(sum);
      }
    }
  }
}

/** To the nearest, and saturating: a filter overshoots where speech was already clipped. */
function toSample(value: number): number {
  if (value >= 32767) return 32767;
  if (value <= -32768) return -32768;
  return Math.floor(value + 0.5);
}

/** A windowed sinc (Kaiser) with its middle at the Nyquist frequency of the lower rate. */
function createLowPass(lowerHz: number, commonHz: number): Float64Array {
  const cutoffHz = lowerHz / 2;
  const transition = (4 * Math.PI * (cutoffHz - passbandHz[lowerHz]!)) / commonHz;
  // Kaiser's own estimates of the length and the shape that an attenuation asks for.
  const half = Math.ceil((attenuationDb - 7.95) / (2.285 * transition) / 2);
  const beta = 0.1102 * (attenuationDb - 8.7);
  return Float64Array.from({ length: 2 * half + 1 }, (_, i) => {
    const x = (Math.PI * 2 * cutoffHz * (i - half)) / commonHz;
    const sinc = x === 0 ? 1 : Math.sin(x) / x;
    return (sinc * besselI0(beta * Math.sqrt(1 - ((i - half) / half) ** 2))) / besselI0(beta);
  });
}

/** One row of taps for each output of a group, each adding up to one: a steady level passes without a ripple. */
function createTapRows(filter: Float64Array, up: number, down: number, window: number): Float64Array {
  const taps = new Float64Array(up * window);
  for (let row = 0; row < up; row++) {
    const rowTaps = taps.subarray(row * window, (row + 1) * window);
    for (let k = 0; k < window; k++) rowTaps[k] = filter[row * down + (window - down - k) * up] ?? 0;
    const gain = rowTaps.reduce((sum, tap) => sum + tap, 0);
    for (let k = 0; k < window; k++) rowTaps[k]! /= gain;
  }
  return taps;
}

/** The modified Bessel function of order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-15; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
