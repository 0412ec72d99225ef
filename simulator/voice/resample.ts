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
  /** A piece, after as many samples before it as its first output is made of. */
  #all: Float64Array;
  readonly #pastLength: number;
  #taken = 0;
  #given = 0;

  constructor(fromHz: number, toHz: number) {
    this.#fromHz = fromHz;
    this.#toHz = toHz;
    this.#kernels = createKernels(fromHz, toHz).kernels;
    this.#pastLength = this.#kernels[0]!.length - 1;
    this.#all = new Float64Array(this.#pastLength);
  }

  /** As many samples as last as long as those given so far, less those that it gave before. */
  push(samples: Int16Array): Int16Array {
    const all = this.#takeIn(samples);
    const out = new Int16Array(Math.ceil(((this.#taken + samples.length) * this.#toHz) / this.#fromHz) - this.#given);
    // Out of digital silence comes digital silence: most lines carry it most of the time.
    if (!isSilent(all))
      for (let i = 0; i < out.length; i++) {
        const n = this.#given + i;
        // The newest sample that this output may be made of is the last of its kernel.
        const first = Math.floor((n * this.#fromHz) / this.#toHz) - this.#taken;
        out[i] = toSample(weigh(all, first, this.#kernels[n % this.#kernels.length]!));
      }
    this.#taken += samples.length;
    this.#given += out.length;
    return out;
  }

  #takeIn(samples: Int16Array): Float64Array {
    const [before, pastLength] = [this.#all, this.#pastLength];
    const length = pastLength + samples.length;
    if (before.length !== length) this.#all = new Float64Array(length);
    this.#all.set(before.subarray(before.length - pastLength));
    this.#all.set(samples, pastLength);
    return this.#all;
  }
}

function isSilent(samples: Float64Array): boolean {
  for (let i = 0; i < samples.length; i++) if (samples[i] !== 0) return false;
  return true;
}

/** Four sums at once: a processor need not wait for one addition before it begins the next. */
function weigh(samples: Float64Array, first: number, kernel: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  let k = 0;
  for (; k + 3 < kernel.length; k += 4) {
    a += samples[first + k]! * kernel[k]!;
    b += samples[first + k + 1]! * kernel[k + 1]!;
    c += samples[first + k + 2]! * kernel[k + 2]!;
    d += samples[first + k + 3]! * kernel[k + 3]!;
  }
  for (; k < kernel.length; k++) a += samples[first + k]! * kernel[k]!;
  return a + b + c + d;
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
