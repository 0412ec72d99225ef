// Converts a whole recording to another sample rate with a windowed sinc; for speech made beforehand, not for live streams.

/** Zero crossings on each side: 70 dB and more against aliases. */
const crossings = 24;
/** Of the lower Nyquist frequency: what lies above is rolled off. */
const passband = 0.94;

export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const cutoff = passband * Math.min(1, toHz / fromHz);
  const reach = crossings / cutoff;
  const out = new Int16Array(Math.round((samples.length * toHz) / fromHz));
  // Rates in whole ratios come back to the same phase: one kernel a phase instead of one an output sample.
  const phases = toHz / gcd(fromHz, toHz);
  const kernels = Array.from({ length: phases }, (_, n) => createKernel(((n * fromHz) / toHz) % 1, cutoff, reach));
  for (let n = 0; n < out.length; n++) {
    const first = Math.floor((n * fromHz) / toHz) - Math.floor(reach);
    const kernel = kernels[n % phases]!;
    let sum = 0;
    for (let k = Math.max(0, -first); k < kernel.length && first + k < samples.length; k++) {
      sum += samples[first + k]! * kernel[k]!;
    }
    out[n] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return out;
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

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
