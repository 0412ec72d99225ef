// The sign of life of a call that a bridge serves: a lease that lapses when the bridge dies.
import type { CallId } from '../call/call.ts';
import type { Logger } from '../logger.ts';
import type { CallLeases } from './call-leases.ts';

/** Three renewals may fail, as when Redis moves to its replica. */
const holdMs = 20_000;
const renewEveryMs = 5_000;

const nameOf = (callId: CallId) => `call-held/${callId}`;

/** Held by another replica, it is taken as soon as that one lets go of it. */
export function holdCall(
  leases: Pick<CallLeases, 'acquire' | 'release'>,
  callId: CallId,
  { replica, until, log }: { replica: string; until: Promise<unknown>; log: Logger },
): void {
  const take = () =>
    leases.acquire(nameOf(callId), replica, holdMs).catch((error: unknown) => {
      log.debug({ error }, 'a call could not be marked as served: it is tried again');
      return undefined;
    });
  let taken = take();
  const timer = setInterval(() => {
    taken = take();
  }, renewEveryMs);
  void until.then(async () => {
    clearInterval(timer);
    const lease = await taken;
    // What cannot be given back lapses by itself.
    if (lease) await leases.release(lease).catch(() => {});
  });
}

export async function isHeld(leases: Pick<CallLeases, 'find'>, callId: CallId): Promise<boolean> {
  return (await leases.find(nameOf(callId))) !== undefined;
}
