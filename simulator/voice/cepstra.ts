// What speech sounds like, as numbers that can be compared: mel cepstra of the telephone band, one row every 16 ms.

/** Band of a telephone: what lies outside is lost on a mu-law line, so it is not looked at on any line. */
const lowestHz = 200;
const highestHz = 3400;
const bands = 20;
export const coefficients = 12;
const windowMs = 32;
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

/** Undefined if there is no sound in it. Leading and trailing silence is left out. */
export function createCepstra(samples: Int16Array, sampleRate: number): Cepstra | undefined {
  const energiesDb = measureBands(samples, sampleRate);
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
        sum += db * Math.cos((Math.PI * (k + 1) * (b + 0.5)) / bands);
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
function measureBands(samples: Int16Array, sampleRate: number): Float32Array[] {
  const length = Math.round((sampleRate * windowMs) / 1000);
  const hop = Math.round((sampleRate * hopMs) / 1000);
  const size = 2 ** Math.ceil(Math.log2(length));
  const weights = createMelWeights(size, sampleRate);
  const window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length));
  const transform = createTransform(size);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const rows: Float32Array[] = [];
  for (let at = 0; at + length <= samples.length; at += hop) {
    real.fill(0);
    imaginary.fill(0);
    for (let i = 0; i < length; i++) real[i] = samples[at + i]! * window[i]!;
    transform(real, imaginary);
    const row = new Float32Array(bands);
    for (let b = 0; b < bands; b++) {
      let energy = 0;
      for (const [bin, weight] of weights[b]!) energy += weight * (real[bin]! ** 2 + imaginary[bin]! ** 2);
      // Per sample of the window, so that all sample rates measure alike.
      row[b] = 10 * Math.log10(energy / length ** 2 + 1e-6);
    }
    rows.push(row);
  }
  return rows;
}

function createMelWeights(size: number, sampleRate: number): [bin: number, weight: number][][] {
  const [low, high] = [toMel(lowestHz), toMel(highestHz)];
  const edge = (n: number) => fromMel(low + ((high - low) * n) / (bands + 1));
  const bin = sampleRate / size;
  return Array.from({ length: bands }, (_, b) => {
    const [left, middle, right] = [edge(b), edge(b + 1), edge(b + 2)];
    const weights: [number, number][] = [];
    for (let i = Math.ceil(left / bin); i * bin < right; i++) {
      const hz = i * bin;
      weights.push([i, hz < middle ? (hz - left) / (middle - left) : (right - hz) / (right - middle)]);
    }
    return weights;
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
      [real[i], real[j]] = [real[j]!, real[i]!];
      [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [cos, sin] = [cosines[k * stride]!, sines[k * stride]!];
          const [upper, lower] = [start + k, start + k + half];
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
