// In which order calls are listed: by what is shown of them, and by their ids where that is the same.
import type { CallState } from '../call/call-state.ts';

export const callSorts = ['createdAt', 'remoteParty', 'agent', 'model', 'lengthMs', 'reason'] as const;
export type CallSort = (typeof callSorts)[number];

export interface CallOrder {
  readonly by: CallSort;
  readonly isUp: boolean;
}

export const newestFirst: CallOrder = Object.freeze({ by: 'createdAt', isUp: false });

/** What stands beside a call in a store to sort it by. All but the time of its creation, which has its own place there. */
export type CallKeys = Readonly<Record<Exclude<CallSort, 'createdAt' | 'lengthMs'>, string> & { lengthMs: number }>;

/** Nothing is missing: what a call does not have comes before all that others have. */
export function keysOf(call: CallState): CallKeys {
  const { connectedAt, endedAt } = call;
  return {
    remoteParty: call.remoteParty ?? '',
    agent: call.agent ?? '',
    model: call.model ?? '',
    lengthMs: connectedAt !== undefined && endedAt !== undefined ? endedAt - connectedAt : -1,
    reason: call.endReason ?? '',
  };
}

/** A call whose creation was never recorded is the oldest. */
export function keyOf(call: CallState, by: CallSort): string | number {
  return by === 'createdAt' ? (call.createdAt ?? 0) : keysOf(call)[by];
}

/** Of what a key is missing in, which an earlier version kept. */
export function missingKey(by: CallSort): string | number {
  return by === 'createdAt' ? 0 : by === 'lengthMs' ? -1 : '';
}
