// Finds where a voice can be stopped without cutting a sound in two. Pure.

/** Shorter than a closure of the lips, and long enough to hold a period of a deep voice in the two that are weighed. */
const blockMs = 5;

/** Behind which of the samples there is the least sound, from one block on. 0 where there is less than two blocks. */
export function findQuietPoint(samples: Int16Array, sampleRate: number): number {
  const block = (sampleRate * blockMs) / 1_000;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = block; at + block <= samples.length; at += block) {
    let energy = 0;
    for (let i = at - block; i < at + block; i++) energy += samples[i]! * samples[i]!;
    if (energy >= least) continue;
    least = energy;
    best = at;
  }
  return best;
}
