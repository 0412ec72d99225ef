// What speech sounds like, as numbers that can be compared: mel cepstra of the telephone band, one row every 16 ms.

/** Band of a telephone: what lies outside is lost on a mu-law line, so it is not looked at on any line. */
const lowestHz = 200;
const highestHz = 3400;
const bands = 20;
export const coefficients = 12;
export const windowMs = 32;
export const hopMs = 16;
/** Energy this far below the loudest counts as silence: noise at 20 dB under the speech then changes little. */
const dynamicRangeDb = 30;
/** The utterance is what lies between the first and the last step this close to the loudest one. */
const edgeDb = 22;
/** On a noisy line the edges are this much over what is heard before and after. */
const overNoiseDb = 4;
const edgeSteps = 4;

export interface Cepstra {
  readonly frames: number;
  /** `coefficients` numbers a frame; free of gain and of the colour of the line (their mean is zero). */
  readonly rows: Float32Array;
  readonly durationMs: number;
}

const toMel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
const fromMel = (mel: number) => 700 * (10 ** (mel / 2595) - 1);

/** Of the discrete cosine transform that turns bands into cepstra. */
const cosineOf = Float64Array.from({ length: coefficients * bands }, (_, n) => {
  const [k, b] = [Math.floor(n / bands), n % bands];
  return Math.cos((Math.PI * (k + 1) * (b + 0.5)) / bands);
});

/** Of what `measureBands` measured. Undefined if there is no sound in it. Leading and trailing silence is left out. */
export function createCepstra(energiesDb: readonly Float32Array[]): Cepstra | undefined {
  const loudness = energiesDb.map((row) => 10 * Math.log10(row.reduce((sum, db) => sum + 10 ** (db / 10), 1e-9)));
  const loudest = Math.max(...loudness);
  // Square of about 6 of 32767: less is the noise of conversion.
  if (!(loudest > 16)) return undefined;
  const noise = Math.min(
    ...[loudness.slice(0, edgeSteps), loudness.slice(-edgeSteps)].map((ends) => Math.max(...ends)),
  );
  const edge = Math.max(loudest - edgeDb, Math.min(noise + overNoiseDb, loudest - edgeDb / 2));
  const first = loudness.findIndex((db) => db > edge);
  const last = loudness.findLastIndex((db) => db > edge);
  const frames = last - first + 1;
  const peak = Math.max(...energiesDb.slice(first, last + 1).map((row) => Math.max(...row)));

  const rows = new Float32Array(frames * coefficients);
  for (let i = 0; i < frames; i++) {
    const row = energiesDb[first + i]!;
    for (let k = 0; k < coefficients; k++) {
      let sum = 0;
      for (let b = 0; b < bands; b++) {
        const db = Math.max(row[b]! - peak, -dynamicRangeDb);
        sum += db * cosineOf[k * bands + b]!;
      }
      rows[i * coefficients + k] = sum / bands;
    }
  }
  removeMean(rows, frames);
  return { frames, rows, durationMs: frames * hopMs };
}

function removeMean(rows: Float32Array, frames: number): void {
  for (let k = 0; k < coefficients; k++) {
    let mean = 0;
    for (let i = 0; i < frames; i++) mean += rows[i * coefficients + k]! / frames;
    for (let i = 0; i < frames; i++) rows[i * coefficients + k]! -= mean;
  }
}

/** Energy in dB of each mel band in each window. */
export function measureBands(samples: Int16Array, sampleRate: number): Float32Array[] {
  const length = Math.round((sampleRate * windowMs) / 1000);
  const hop = Math.round((sampleRate * hopMs) / 1000);
  const { size, transform, weights, window } = findAnalysis(length, sampleRate);
  const windows = samples.length < length ? 0 : Math.floor((samples.length - length) / hop) + 1;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const power = [new Float64Array(size / 2), new Float64Array(size / 2)] as const;
  const rows: Float32Array[] = [];
  // Samples are real numbers: one transform serves two windows.
  for (let n = 0; n < windows; n += 2) {
    const [one, other] = [n * hop, (n + 1) * hop];
    const hasOther = n + 1 < windows;
    for (let i = 0; i < length; i++) {
      real[i] = samples[one + i]! * window[i]!;
      imaginary[i] = hasOther ? samples[other + i]! * window[i]! : 0;
    }
    real.fill(0, length);
    imaginary.fill(0, length);
    transform(real, imaginary);
    for (let bin = 1; bin < size / 2; bin++) {
      const re = real[bin]!;
      const im = imaginary[bin]!;
      const mirroredRe = real[size - bin]!;
      const mirroredIm = imaginary[size - bin]!;
      power[0][bin] = ((re + mirroredRe) ** 2 + (im - mirroredIm) ** 2) / 4;
      power[1][bin] = ((im + mirroredIm) ** 2 + (re - mirroredRe) ** 2) / 4;
    }
    rows.push(sumBands(power[0], weights, length));
    if (hasOther) rows.push(sumBands(power[1], weights, length));
  }
  return rows;
}

function sumBands(power: Float64Array, weights: readonly BandWeights[], length: number): Float32Array {
  const row = new Float32Array(bands);
  for (let b = 0; b < bands; b++) {
    const { first, factors } = weights[b]!;
    let energy = 0;
    for (let i = 0; i < factors.length; i++) energy += factors[i]! * power[first + i]!;
    // Per sample of the window, so that all sample rates measure alike.
    row[b] = 10 * Math.log10(energy / length ** 2 + 1e-6);
  }
  return row;
}

interface Analysis {
  readonly size: number;
  readonly transform: (real: Float64Array, imaginary: Float64Array) => void;
  readonly weights: readonly BandWeights[];
  readonly window: Float64Array;
}

/** A band takes `factors` of the bins from `first` on. */
interface BandWeights {
  readonly first: number;
  readonly factors: Float64Array;
}

const analyses = new Map<number, Analysis>();

function findAnalysis(length: number, sampleRate: number): Analysis {
  let analysis = analyses.get(sampleRate);
  if (!analysis) {
    const size = 2 ** Math.ceil(Math.log2(length));
    const window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length));
    analysis = { size, window, weights: createMelWeights(size, sampleRate), transform: createTransform(size) };
    analyses.set(sampleRate, analysis);
  }
  return analysis;
}

function createMelWeights(size: number, sampleRate: number): BandWeights[] {
  const [low, high] = [toMel(lowestHz), toMel(highestHz)];
  const edge = (n: number) => fromMel(low + ((high - low) * n) / (bands + 1));
  const bin = sampleRate / size;
  return Array.from({ length: bands }, (_, b) => {
    const [left, middle, right] = [edge(b), edge(b + 1), edge(b + 2)];
    const first = Math.ceil(left / bin);
    const factors: number[] = [];
    for (let hz = first * bin; hz < right; hz += bin) {
      factors.push(hz < middle ? (hz - left) / (middle - left) : (right - hz) / (right - middle));
    }
    return { first, factors: Float64Array.from(factors) };
  });
}

/** In-place Fourier transform of a power of two. */
function createTransform(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const cosines = Float64Array.from({ length: size / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / size));
  const sines = Float64Array.from({ length: size / 2 }, (_, i) => Math.sin((2 * Math.PI * i) / size));
  const bits = Math.log2(size);
  const reversed = Uint32Array.from({ length: size }, (_, i) => {
    let out = 0;
    for (let bit = 0; bit < bits; bit++) out |= ((i >> bit) & 1) << (bits - 1 - bit);
    return out;
  });
  return (real, imaginary) => {
    for (let i = 0; i < size; i++) {
      const j = reversed[i]!;
      if (j <= i) continue;
      const re = real[i]!;
      const im = imaginary[i]!;
      real[i] = real[j]!;
      imaginary[i] = imaginary[j]!;
      real[j] = re;
      imaginary[j] = im;
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const cos = cosines[k * stride]!;
          const sin = sines[k * stride]!;
          const upper = start + k;
          const lower = upper + half;
          const re = real[lower]! * cos + imaginary[lower]! * sin;
          const im = imaginary[lower]! * cos - real[lower]! * sin;
          real[lower] = real[upper]! - re;
          imaginary[lower] = imaginary[upper]! - im;
          real[upper]! += re;
          imaginary[upper]! += im;
        }
      }
    }
  };
}
