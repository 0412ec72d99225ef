// Where the agent can be heard on a tape of what the caller heard: stretches with a sound in them, however soft. Pure.
import type { Span } from '../metrics/wire-record.ts';

const sampleHz = 16_000;
/** What a line leaves of silence: of 8 kHz it is converted once more on the way to the ear. */
const silentPeakOf = { 8000: 3, 16000: 0 } as const;
/** The room noise under the agent's voice crosses zero all the time, but never for so long. */
const leastPauseSamples = 0.015 * sampleHz;

/** In samples: `from` is the first that sounds, `to` the first that does not. */
export interface SampleSpan {
  readonly from: number;
  readonly to: number;
}

export function findSounds(heard: Int16Array, lineHz: 8000 | 16000): SampleSpan[] {
  const silentPeak = silentPeakOf[lineHz];
  const sounds: SampleSpan[] = [];
  let from: number | undefined;
  let last = 0;
  for (let n = 0; n < heard.length; n++) {
    const sample = heard[n]!;
    if (sample > silentPeak || sample < -silentPeak) {
      if (from !== undefined && n - last > leastPauseSamples) {
        sounds.push({ from, to: last + 1 });
        from = n;
      }
      from ??= n;
      last = n;
    }
  }
  if (from !== undefined) sounds.push({ from, to: last + 1 });
  return sounds;
}

export function toSpan({ from, to }: SampleSpan): Span {
  return { fromMs: (from * 1000) / sampleHz, toMs: (to * 1000) / sampleHz };
}
