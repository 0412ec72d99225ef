// Events that the history keeps though no stream took them: told by a stream after all they are not folded again, and never lost to it.
import type { CallEvent } from '../call/call-event.ts';
import { applyCallEvent, type CallState } from '../call/call-state.ts';

/** More than any stream has: what is folded from the stream alone is never the newer one, and is brought together with this. */
const weight = 1_000_000;
/** What one process holds of a call for the stream. */
const maxIds = 5_000;

/** Whether the stream has them nobody can tell: a store that is late may have taken what it never answered. */
export function foldApart(kept: CallState, events: readonly CallEvent[]): CallState {
  const { apart = [] } = kept;
  const known = new Set(apart);
  const news = events.filter(({ id }) => !known.has(id));
  if (news.length === 0) return kept;
  const state = news.reduce(applyCallEvent, kept);
  return {
    ...state,
    version: kept.apart ? state.version : state.version + weight,
    apart: [...apart, ...news.map(({ id }) => id)].slice(-maxIds),
  };
}

/** What the stream tells after `kept`. */
export function foldStreamed(kept: CallState, events: readonly CallEvent[]): CallState {
  const known = new Set(kept.apart);
  return events.filter(({ id }) => !known.has(id)).reduce(applyCallEvent, kept);
}
