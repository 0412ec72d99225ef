// Decides whether a call's media is asked for again after it was lost, after what pause, and when the caller is told to wait.
import type { CallId } from '../shared/call/call.ts';
import type { CallLeases } from '../shared/stores/call-leases.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';

/** The longest take-over by another bridge that we promise: a container that starts anew, or moves, is up by then. */
export const takeOverMs = 30_000;
/** Before each try; the last one stands for all that follow. A replica that dies is replaced at once, and who waits hears little. */
const pausesSeconds = [0, 1];
/** The first words come with the first try, or with a later one; then as often as a caller needs to know that somebody is there. */
const triesPerWord = 4;
/** However long a handshake hangs: what is lost later than this was there meanwhile. */
const longestTryMs = 60_000;

/** What one try tells the next. */
export interface MediaResumption {
  /** Since when the caller has nobody on the line. */
  readonly lostAt: number;
  readonly triedAt: number;
  readonly tries: number;
  /** When a bridge had it last, as that one's clock told: another one may be wrong by minutes. */
  readonly mediaAt?: number | undefined;
}

export type ResumptionPlan =
  | {
      readonly type: 'try';
      readonly pauseSeconds: number;
      readonly speaks: boolean;
      readonly resumption: MediaResumption;
    }
  | { readonly type: 'give-up' };

/**
 * `before`: of the try that came to nothing; undefined for the first loss of a call. `mediaAt`: when a bridge last had it.
 * `firstWordsAt`: how many tries come to nothing, fewer than four, before the caller is told to wait.
 */
export function planResumption(
  before: MediaResumption | undefined,
  { now, mediaAt, firstWordsAt = 0 }: { now: number; mediaAt: number | undefined; firstWordsAt?: number },
): ResumptionPlan {
  const goesOn = before && !hasHeld(before, now, mediaAt);
  const { lostAt, tries } = goesOn ? before : { lostAt: now, tries: 0 };
  if (now - lostAt >= takeOverMs) return { type: 'give-up' };
  return {
    type: 'try',
    pauseSeconds: pausesSeconds[Math.min(tries, pausesSeconds.length - 1)]!,
    speaks: tries % triesPerWord === firstWordsAt,
    resumption: { lostAt, triedAt: now, tries: tries + 1, ...(mediaAt !== undefined && { mediaAt }) },
  };
}

function hasHeld({ triedAt, mediaAt: before }: MediaResumption, now: number, mediaAt: number | undefined): boolean {
  return isHeldSince(before, triedAt, mediaAt) || now - triedAt > longestTryMs;
}

/** By what was known of it at `atMs`; the clocks of two processes are compared only where nothing was. */
export function isHeldSince(before: number | undefined, atMs: number, mediaAt: number | undefined): boolean {
  return mediaAt !== undefined && (before === undefined ? mediaAt >= atMs : mediaAt !== before);
}

export function formatResumption({ lostAt, triedAt, tries, mediaAt }: MediaResumption): string {
  return [lostAt, triedAt, tries, ...(mediaAt === undefined ? [] : [mediaAt])].join('-');
}

/** Undefined for what we did not write. */
export function parseResumption(text: string | null): MediaResumption | undefined {
  const match = /^(\d{1,15})-(\d{1,15})-(\d{1,4})(?:-(\d{1,15}))?$/.exec(text ?? '');
  if (!match) return undefined;
  const [lostAt, triedAt, tries] = match.slice(1, 4).map(Number);
  const mediaAt = match[4];
  return {
    lostAt: lostAt!,
    triedAt: triedAt!,
    tries: tries!,
    ...(mediaAt !== undefined && { mediaAt: Number(mediaAt) }),
  };
}

/** Media that comes and goes so often will not hold. Above the tries of one take-over, some 30, and below what a caller bears. */
const maxLosses = 40;
const lossWindowMs = 60_000;

/** Counts one more. True: enough of it. */
export async function isLostTooOften(leases: Pick<CallLeases, 'count'>, callId: CallId): Promise<boolean> {
  const losses = await leases.count(`media-losses/${callId}`, lossWindowMs).catch(() => 1);
  return losses > maxLosses;
}

/** When a bridge last had the call; undefined also where that cannot be read. */
export async function findMediaAt(ledger: Pick<CallLedger, 'findLive'>, callId: CallId): Promise<number | undefined> {
  try {
    return (await ledger.findLive(callId))?.mediaAt;
  } catch {
    return undefined;
  }
}
