// The lease of a call that a bridge serves: it lapses when the bridge dies, and its fence tells the bridge that has the call now.
import type { CallId } from '../call/call.ts';
import type { CallLeases, Lease } from './call-leases.ts';

/** As long as no other bridge takes the call: several renewals may fail, as when Redis moves to its replica. */
const holdMs = 20_000;

const nameOf = (callId: CallId) => `call-held/${callId}`;

/** For the bridge that has the carrier's socket, which is the better right. */
export function seizeHold(leases: Pick<CallLeases, 'seize'>, callId: CallId, replica: string): Promise<Lease> {
  return leases.seize(nameOf(callId), replica, holdMs);
}

/** For one that has served the call without: undefined when another one holds it. */
export function acquireHold(
  leases: Pick<CallLeases, 'acquire'>,
  callId: CallId,
  replica: string,
): Promise<Lease | undefined> {
  return leases.acquire(nameOf(callId), replica, holdMs);
}

/** False when another bridge has taken the call. */
export function renewHold(leases: Pick<CallLeases, 'renew'>, hold: Lease): Promise<boolean> {
  return leases.renew(hold, holdMs);
}

export async function isHeld(leases: Pick<CallLeases, 'find'>, callId: CallId): Promise<boolean> {
  return (await leases.find(nameOf(callId))) !== undefined;
}
