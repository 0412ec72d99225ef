// Whether a media token that is ours opens a socket now: by its age, and by what the stores know of its call.
import type { CallPhase } from '../../shared/call/call.ts';

/** What a store says of a call: how it stands, that it was never heard of, or nothing in time. */
export type StoreAnswer = CallPhase | 'unknown' | 'away';

export interface TicketFacts {
  /** The token was made so lately that this may be its first use. */
  readonly isFresh: boolean;
  /** The call lives in this process, and waits for a socket. */
  readonly isHere: boolean;
  readonly stream: StoreAnswer;
  /** Counts only where the stream does not know the call: undefined there is "not asked". */
  readonly history: StoreAnswer | undefined;
}

/** `in-doubt`: nobody can say now whether the call lives; a caller who may be there is worth more. */
export type TicketVerdict = 'admitted' | 'in-doubt' | 'too-late' | 'ended';

export function judgeTicket({ isFresh, isHere, stream, history }: TicketFacts): TicketVerdict {
  const known = isPhase(stream) ? stream : isPhase(history) ? history : undefined;
  if (known === 'ended') return 'ended';
  if (isHere || known === 'active' || known === 'transferring') return 'admitted';
  if (isFresh) return stream === 'away' ? 'in-doubt' : 'admitted';
  // Nobody can have been talking to the agent in a call that still rings, or that is not known where calls are known.
  return stream === 'away' && known === undefined ? 'in-doubt' : 'too-late';
}

function isPhase(says: StoreAnswer | undefined): says is CallPhase {
  return says !== undefined && says !== 'unknown' && says !== 'away';
}
