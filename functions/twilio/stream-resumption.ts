// Decides whether a stream that ended is asked for again, after what pause, and when the caller is told to wait.

/** The longest take-over by another bridge that we promise: a container that starts anew, or moves, is up by then. */
export const takeOverMs = 30_000;
/** Before each try; the last one stands for all that follow. A replica that dies is replaced at once. */
const pausesSeconds = [0, 1, 2, 2, 3];
/** Words come with the first try and then about as often as a caller needs to know that somebody is there. */
const triesPerWord = 4;
/** However long a handshake hangs: whoever comes back later than this had a stream meanwhile. */
const longestTryMs = 60_000;

/** What one try tells the next; it travels in the URL that Twilio asks when the stream ends, and is signed with it. */
export interface StreamResumption {
  /** Since when the caller has nobody on the line. */
  readonly lostAt: number;
  readonly triedAt: number;
  readonly tries: number;
}

export type ResumptionPlan =
  | {
      readonly type: 'try';
      readonly pauseSeconds: number;
      readonly speaks: boolean;
      readonly resumption: StreamResumption;
    }
  | { readonly type: 'give-up' };

/** `before`: of the try whose stream ended; undefined for the first stream of a call. `mediaAt`: when a bridge last had it. */
export function planResumption(
  before: StreamResumption | undefined,
  { now, mediaAt }: { now: number; mediaAt: number | undefined },
): ResumptionPlan {
  const goesOn = before && !hasHeld(before, now, mediaAt);
  const { lostAt, tries } = goesOn ? before : { lostAt: now, tries: 0 };
  if (now - lostAt >= takeOverMs) return { type: 'give-up' };
  return {
    type: 'try',
    pauseSeconds: pausesSeconds[Math.min(tries, pausesSeconds.length - 1)]!,
    speaks: tries % triesPerWord === 0,
    resumption: { lostAt, triedAt: now, tries: tries + 1 },
  };
}

function hasHeld({ triedAt }: StreamResumption, now: number, mediaAt: number | undefined): boolean {
  return (mediaAt !== undefined && mediaAt >= triedAt) || now - triedAt > longestTryMs;
}

export function formatResumption({ lostAt, triedAt, tries }: StreamResumption): string {
  return [lostAt, triedAt, tries].join('-');
}

/** Undefined for what we did not write. */
export function parseResumption(text: string | null): StreamResumption | undefined {
  const match = /^(\d{1,15})-(\d{1,15})-(\d{1,4})$/.exec(text ?? '');
  if (!match) return undefined;
  const [lostAt, triedAt, tries] = match.slice(1).map(Number);
  return { lostAt: lostAt!, triedAt: triedAt!, tries: tries! };
}
