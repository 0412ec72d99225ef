// Which calls of the history are wanted, and what each store keeps beside a call to find it by.
import type { CallEndReason, CallPhase } from '../call/call.ts';
import type { Satisfaction } from '../call/call-outcome.ts';
import type { CallState } from '../call/call-state.ts';
import type { OutcomeStatus } from '../call/outcome-progress.ts';
import { type CallKeys, type CallOrder, keysOf } from './call-order.ts';

/** Everything that is given has to fit. */
export interface CallFilter {
  /** Created at this time or later, and before that (Unix time in ms). */
  readonly from?: number;
  readonly to?: number;
  readonly agent?: string;
  readonly phase?: CallPhase;
  readonly reason?: CallEndReason;
  readonly outcome?: OutcomeStatus;
  readonly satisfaction?: Satisfaction;
  /** The person on the phone, as the call has them. */
  readonly remoteParty?: string;
  /** Somewhere in what was said, noted or summed up, whatever the case of its letters. */
  readonly text?: string;
}

export interface CallQuery extends CallFilter {
  readonly limit: number;
  /** Opaque, of the page before. */
  readonly next?: string;
  /** Newest first, where it is not said. */
  readonly order?: CallOrder;
}

/** `owing`: it has ended, and something is left to be done about it. */
export type CallStanding = 'live' | 'owing' | 'settled';

/** What stands beside the state of a call in a store, so that it can be found without being opened. */
export interface CallFacets {
  readonly standing: CallStanding;
  readonly agent: string | null;
  readonly phase: CallPhase;
  readonly reason: CallEndReason | null;
  readonly outcome: OutcomeStatus | null;
  readonly satisfaction: Satisfaction | null;
  readonly remoteParty: string | null;
  /** When its recording is to go. */
  readonly recordingUntil: number | null;
  readonly words: string;
  readonly keys: CallKeys;
}

export function facetsOf(call: CallState): CallFacets {
  return {
    standing: call.phase !== 'ended' ? 'live' : call.settledAt === undefined ? 'owing' : 'settled',
    agent: call.agent ?? null,
    phase: call.phase,
    reason: call.endReason ?? null,
    outcome: call.outcome?.status ?? null,
    satisfaction: call.outcome?.result?.satisfaction.value ?? null,
    remoteParty: call.remoteParty ?? null,
    recordingUntil: call.recording?.status === 'kept' ? (call.recording.until ?? null) : null,
    words: foldWords([...call.turns.map(({ text }) => text), ...call.notes, call.outcome?.result?.summary.value ?? '']),
    keys: keysOf(call),
  };
}

/** As texts are compared: each store would fold the letters of other languages in its own way. */
export function foldWords(texts: readonly string[]): string {
  return texts.join('\n').toLowerCase();
}

/** The facets that are found by being equal. */
export const facetNames = ['agent', 'phase', 'reason', 'outcome', 'satisfaction', 'remoteParty'] as const;

export function fitsFilter(call: CallState, filter: CallFilter): boolean {
  const facets = facetsOf(call);
  const createdAt = call.createdAt ?? 0;
  return (
    createdAt >= (filter.from ?? 0) &&
    createdAt < (filter.to ?? Number.POSITIVE_INFINITY) &&
    facetNames.every((name) => filter[name] === undefined || filter[name] === facets[name]) &&
    (filter.text === undefined || facets.words.includes(foldWords([filter.text])))
  );
}
