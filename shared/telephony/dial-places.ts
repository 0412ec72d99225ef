// The places of the outbound calls that go on now: DIAL_MAX_PARALLEL of them.
import type { Logger } from '../logger.ts';
import type { DialCap, DialCounts } from '../stores/dial-counts.ts';

export const placesCapName = 'parallel';
/**
 * A call keeps its place so long without a sign of life. It must outlast dialling (8 s), ringing (two minutes at ACS) and the
 * opening of the media socket; from there on the bridge renews it.
 */
const placeMs = 3 * 60_000;
const renewEveryMs = 30_000;
/** The bridge has left a call that was handed over; two people talk, and only its carrier knows for how long. */
const transferredMs = 60 * 60_000;

export function createPlacesCap(limit: number): DialCap {
  return { name: placesCapName, limit, windowMs: placeMs };
}

/** For the bridge, while it holds an outbound call. A place that was lost meanwhile is taken again: the call is there. */
export function keepDialPlace(
  counts: Pick<DialCounts, 'hold'>,
  callId: string,
  { until, log }: { until: Promise<unknown>; log: Logger },
): void {
  const renew = () =>
    counts.hold(placesCapName, callId, placeMs).catch((error: unknown) => {
      log.debug({ error }, 'the place of an outbound call could not be renewed: it is tried again');
    });
  void renew();
  const timer = setInterval(() => void renew(), renewEveryMs);
  void until.then(() => clearInterval(timer));
}

export async function keepTransferredPlace(counts: Pick<DialCounts, 'hold'>, callId: string): Promise<void> {
  await counts.hold(placesCapName, callId, transferredMs);
}

/** Of calls that are over: nobody has to tell at their end, and one whose end was told to a process that died is found too. */
export async function freeEndedPlaces(
  counts: Pick<DialCounts, 'holders' | 'release'>,
  isOver: (callId: string) => Promise<boolean>,
): Promise<void> {
  const holders = await counts.holders(placesCapName);
  await Promise.all(
    holders.map(async (callId) => {
      // One that cannot be asked after may go on.
      if (await isOver(callId).catch(() => false)) await counts.release(placesCapName, callId);
    }),
  );
}
