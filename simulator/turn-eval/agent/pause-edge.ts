// What of a voice cannot be seen on a line at the edges of a pause: it is faded there, and what is softer than the line's first step is silence. Pure.

const sampleHz = 16_000;
/** So long a voice may take to fall silent without a click, and to come back. */
const fadeOutSamples = 0.01 * sampleHz;
const fadeInSamples = 0.02 * sampleHz;
/** The first step of mu-law is 8, of 16 bits 1. */
const firstStep = { 8000: 8, 16000: 1 } as const;

/** True: these samples may all have been said, the first of them into a pause and the others out of it. `gain`: of the voice about there. */
export function mayBeUnseen(samples: Int16Array, gain: number, lineHz: 8000 | 16000): boolean {
  if (samples.length > fadeOutSamples + fadeInSamples) return false;
  const hides = (n: number, fade: number) => Math.abs(samples[n]!) * gain * Math.min(1, fade) < firstStep[lineHz];
  /** The last place at which it may have stopped, for all that is seen before it, and the first for what is seen behind it. */
  for (let stop = 0; stop <= Math.min(samples.length, fadeOutSamples); stop++) {
    if (samples.length - stop > fadeInSamples) continue;
    const isSoft = samples.every((_, n) =>
      hides(n, n < stop ? (stop - n) / fadeOutSamples : (n - stop) / fadeInSamples),
    );
    if (isSoft) return true;
  }
  return false;
}
