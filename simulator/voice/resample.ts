// Converts recordings and live streams to another sample rate with a windowed sinc.

/** Zero crossings on each side: 70 dB and more against aliases. */
const crossings = 24;
/** Of the lower Nyquist frequency: what lies above is rolled off. */
const passband = 0.94;

/** What is said again and again is converted once: speech is shared, and nobody changes it. */
const converted = new WeakMap<Int16Array, Map<string, Int16Array>>();

/** A whole recording; what comes out lies where it lay. */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const known = converted.get(samples) ?? new Map<string, Int16Array>();
  converted.set(samples, known);
  const name = `${fromHz} ${toHz}`;
  const result = known.get(name) ?? convert(samples, fromHz, toHz);
  known.set(name, result);
  return result;
}

function convert(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const { kernels, half } = createKernels(fromHz, toHz);
  const out = new Int16Array(Math.round((samples.length * toHz) / fromHz));
  for (let n = 0; n < out.length; n++) {
    const first = Math.floor((n * fromHz) / toHz) - half;
    const kernel = kernels[n % kernels.length]!;
    const from = Math.max(0, -first);
    const to = Math.min(kernel.length, samples.length - first);
    let sum = 0;
    for (let k = from; k < to; k++) sum += samples[first + k]! * kernel[k]!;
    out[n] = toSample(sum);
  }
  return out;
}

/** A stream in pieces of any length. What comes out is late by some 3 ms: a sample is made of those before it and after it. */
export class StreamResampler {
  readonly #fromHz: number;
  readonly #toHz: number;
  readonly #kernels: readonly Float64Array[];
  /** The samples before those of a piece that its first output is made of. */
  readonly #past: Float64Array;
  #taken = 0;
  #given = 0;

  constructor(fromHz: number, toHz: number) {
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#kernels = createKernels(fromHz, toHz).kernels;
    this.#past = new Float64Array(this.#kernels[0]!.length - 1);
  }

  /** As many samples as last as long as those given so far, less those that it gave before. */
  push(samples: Int16Array): Int16Array {
    const past = this.#past;
    const all = new Float64Array(past.length + samples.length);
    all.set(past);
    all.set(samples, past.length);
    const out = new Int16Array(Math.ceil(((this.#taken + samples.length) * this.#toHz) / this.#fromHz) - this.#given);
    // Out of digital silence comes digital silence: most lines carry it most of the time.
    const isSilent = all.every((sample) => sample === 0);
    for (let i = 0; i < out.length && !isSilent; i++) {
      const n = this.#given + i;
      const kernel = this.#kernels[n % this.#kernels.length]!;
      // The newest sample that this output may be made of is the last of its kernel.
      const first = Math.floor((n * this.#fromHz) / this.#toHz) - this.#taken;
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += all[first + k]! * kernel[k]!;
      out[i] = toSample(sum);
    }
    this.#taken += samples.length;
    this.#given += out.length;
    past.set(all.subarray(all.length - past.length));
    return out;
  }
}

/** Rates in whole ratios come back to the same phase: one kernel a phase instead of one an output sample. */
function createKernels(fromHz: number, toHz: number): { kernels: readonly Float64Array[]; half: number } {
  const cutoff = passband * Math.min(1, toHz / fromHz);
  const reach = crossings / cutoff;
  const phases = toHz / gcd(fromHz, toHz);
  const kernels = Array.from({ length: phases }, (_, n) => createKernel(((n * fromHz) / toHz) % 1, cutoff, reach));
  return { kernels, half: Math.floor(reach) };
}

function createKernel(fraction: number, cutoff: number, reach: number): Float64Array {
  const half = Math.floor(reach);
  const kernel = Float64Array.from({ length: 2 * half + 2 }, (_, k) => {
    const t = k - half - fraction;
    if (Math.abs(t) >= reach) return 0;
    const x = Math.PI * cutoff * t;
    const blackman = 0.42 + 0.5 * Math.cos((Math.PI * t) / reach) + 0.08 * Math.cos((2 * Math.PI * t) / reach);
    return cutoff * blackman * (x === 0 ? 1 : Math.sin(x) / x);
  });
  const gain = kernel.reduce((sum, tap) => sum + tap, 0);
  return kernel.map((tap) => tap / gain);
}

function toSample(sum: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(sum)));
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
