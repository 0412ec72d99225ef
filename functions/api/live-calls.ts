// Counts the outbound calls that are going on now, for the cap on how many there may be.
import type { CallState } from '../../shared/call/call-state.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';

/** A call that is not connected by then never will be: no carrier rings longer. */
const ringLimitMs = 5 * 60_000;

/** Looks no further than the `limit` most recent calls. */
export async function countLiveOutboundCalls(
  { stream, ledger }: { stream: CallStream; ledger: CallLedger },
  { limit, now }: { limit: number; now: number },
): Promise<number> {
  const callIds = await stream.recentCallIds(limit);
  const states = await Promise.all(callIds.map((callId) => ledger.find(callId)));
  return states.filter((state) => state && isLive(state, now)).length;
}

function isLive({ direction, phase, createdAt = 0 }: CallState, now: number): boolean {
  if (direction !== 'outbound' || phase === 'ended') return false;
  return phase === 'active' || phase === 'transferring' || now - createdAt < ringLimitMs;
}
