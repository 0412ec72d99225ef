// Chooses the resampler that this machine is fast with: the processor's vectors by WebAssembly, or plain TypeScript. Both give the same samples.
import type { AudioFormat } from './audio-format.ts';
import { designFir } from './fir-design.ts';
import { openFirKernel } from './fir-kernel.ts';
import { KernelResampler } from './kernel-resampler.ts';
import { PlainResampler } from './plain-resampler.ts';
import type { Resampler } from './resampler.ts';

type SampleRate = AudioFormat['sampleRate'];

const rates: readonly SampleRate[] = [8000, 16000, 24000];
const pairs = rates.flatMap((fromHz) => rates.filter((toHz) => toHz !== fromHz).map((toHz) => [fromHz, toHz] as const));
const designs = new Map(pairs.map(([fromHz, toHz]) => [`${fromHz} ${toHz}`, designFir(fromHz, toHz)]));
/** One for all calls: nothing in it outlives the filtering of one chunk. Undefined where the machine has no such vectors. */
const kernel = openFirKernel([...designs.values()]);

/** Throws RangeError where the rates are the same. */
export function createResampler(fromHz: SampleRate, toHz: SampleRate): Resampler {
  return kernel ? new KernelResampler(findDesign(fromHz, toHz), kernel) : createPlainResampler(fromHz, toHz);
}

/** Eight times as slow. */
export function createPlainResampler(fromHz: SampleRate, toHz: SampleRate): Resampler {
  return new PlainResampler(findDesign(fromHz, toHz));
}

function findDesign(fromHz: SampleRate, toHz: SampleRate) {
  const design = designs.get(`${fromHz} ${toHz}`);
  if (!design) throw new RangeError(`there is nothing to resample from ${fromHz} Hz to ${toHz} Hz`);
  return design;
}
