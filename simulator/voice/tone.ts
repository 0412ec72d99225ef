// Pure tones to send down a line, and how much of what comes back is that tone and nothing else.

/** `peak` is in samples (32767 is full scale). Begins at phase zero. */
export function createTone(hz: number, ms: number, sampleRate: number, peak = 8000): Int16Array {
  const samples = new Int16Array(Math.round((ms * sampleRate) / 1000));
  for (let i = 0; i < samples.length; i++)
    samples[i] = Math.round(peak * Math.sin((2 * Math.PI * hz * i) / sampleRate));
  return samples;
}

export interface ToneFit {
  readonly amplitude: number;
  /** Of a sine that starts at the first sample, in radians. */
  readonly phase: number;
  /** Power of the tone over the power of all else. -Infinity: there is no such tone. */
  readonly snrDb: number;
}

const noTone: ToneFit = { amplitude: 0, phase: 0, snrDb: Number.NEGATIVE_INFINITY };

/** Least squares of a sine, a cosine and an offset. Takes one period or more. */
export function fitTone(samples: Int16Array | Float64Array, sampleRate: number, hz: number): ToneFit {
  if (samples.length < sampleRate / hz) return noTone;
  const step = (2 * Math.PI * hz) / sampleRate;
  const [sinStep, cosStep] = [Math.sin(step), Math.cos(step)];
  let mean = 0;
  for (const sample of samples) mean += sample / samples.length;
  let [ss, sc, cc, sx, cx, xx] = [0, 0, 0, 0, 0, 0];
  // Sine and cosine turn from sample to sample: in a minute of it they are off by less than 1e-9.
  let [s, c] = [0, 1];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]! - mean;
    ss += s * s;
    sc += s * c;
    cc += c * c;
    sx += s * x;
    cx += c * x;
    xx += x * x;
    const turned = s * cosStep + c * sinStep;
    c = c * cosStep - s * sinStep;
    s = turned;
  }
  const determinant = ss * cc - sc * sc;
  const [a, b] = [(sx * cc - cx * sc) / determinant, (cx * ss - sx * sc) / determinant];
  const tone = a * a * ss + 2 * a * b * sc + b * b * cc;
  // What is left is at right angles to what was fitted.
  const rest = xx - a * sx - b * cx;
  if (!(tone > 0)) return noTone;
  const snrDb = 10 * Math.log10(tone / Math.max(rest, Number.MIN_VALUE));
  return { amplitude: Math.hypot(a, b), phase: Math.atan2(b, a), snrDb };
}

/** `edgeMs` are left out at both ends: onsets, and the run-in of filters. */
export function measureToneSnrDb(samples: Int16Array, sampleRate: number, hz: number, edgeMs = 0): number {
  const edge = Math.round((edgeMs * sampleRate) / 1000);
  return fitTone(samples.subarray(edge, Math.max(edge, samples.length - edge)), sampleRate, hz).snrDb;
}

/** Root mean square in dB below full scale: 0 is the loudest square wave, silence is -Infinity. */
export function levelDb(samples: Int16Array): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  return power === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(power / samples.length / 32768 ** 2);
}
