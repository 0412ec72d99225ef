// Whether a bridge held so many calls: by how late frames came, unless the measurement itself was disturbed.
import type { LoadResult } from './load-run.ts';

/** What a frame may be late by at the 99th percentile; a phone's own jitter buffer is ten times as long. */
const maxAddedMs = 5;
/** Of the frames that a caller hears: more gaps are not what a line has by itself. */
const maxGapShare = 0.001;
/** A load that is late itself says nothing of the bridge. */
const maxLatenessMs = 3;
/** So much of the bridge's core was taken by others. */
const maxOthersShare = 0.1;

export interface Verdict {
  /** `void`: somebody else worked on these cores, or the load could not keep up. */
  readonly verdict: 'held' | 'late' | 'void';
}

export function findVerdict(result: LoadResult): Verdict {
  const { added, lateness, lostToModel, lostToCaller, gapShare, othersShare } = result;
  const isWhole = lostToModel === 0 && lostToCaller === 0 && gapShare <= maxGapShare;
  const isHeld = isWhole && added.p99Ms <= maxAddedMs;
  // What was held in spite of others was held.
  if (isHeld) return { verdict: 'held' };
  const isDisturbed = lateness.p99Ms > maxLatenessMs || othersShare > maxOthersShare;
  return { verdict: isDisturbed ? 'void' : 'late' };
}
