// How long this caller's backchannels are: whoever drawls is given more time. Pure.

/** Nineteen in twenty are shorter. */
const usualMs = 550;
const mostSlackMs = 250;
/** One may have been a sigh. */
const leastHeard = 2;
const remembered = 12;

export interface CallerHabits {
  readonly backchannelsMs: readonly number[];
}

export const newCallerHabits: CallerHabits = Object.freeze({ backchannelsMs: [] });

export function addBackchannel({ backchannelsMs }: CallerHabits, lengthMs: number): CallerHabits {
  return { backchannelsMs: [...backchannelsMs, lengthMs].slice(-remembered) };
}

export function findSlackMs({ backchannelsMs }: CallerHabits): number {
  if (backchannelsMs.length < leastHeard) return 0;
  const sorted = backchannelsMs.toSorted((a, b) => a - b);
  const long = sorted[Math.ceil(0.9 * sorted.length) - 1]!;
  return Math.max(0, Math.min(mostSlackMs, long - usualMs));
}
