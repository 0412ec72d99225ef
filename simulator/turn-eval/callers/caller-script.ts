// What a caller does next, given how long the agent speaks or is silent: one total function over the events that are left. Pure.
import { actFor, type EventKind } from './utterance.ts';

/** What the phone hears at a beat, and what its owner remembers. */
export interface Moment {
  /** Of the reply under way, pauses included; 0: the agent is silent. */
  readonly agentSpeakingMs: number;
  readonly agentSilentMs: number;
  /** Since the caller's own last sound. */
  readonly callerSilentMs: number;
  /** The caller wants an answer, and the agent has not begun one since. */
  readonly isReplyOwed: boolean;
  /** A long one was asked for. */
  readonly isReplyLong: boolean;
  readonly left: readonly EventKind[];
  /** Drawn for this step: how long the agent is let speak, and how long a silence lasts. */
  readonly overMs: number;
  readonly pauseMs: number;
}

export type Step =
  | { readonly do: 'wait' }
  /** One of the events that are left. */
  | { readonly do: 'event'; readonly index: number }
  /** Asks for a long reply, so that there is something to nod at. */
  | { readonly do: 'ask' }
  /** The last question again: nobody answered it. */
  | { readonly do: 'ask again' }
  | { readonly do: 'hang up' };

/** Long replies last 20 s and more: events end 4 s before their natural end. */
const latestOverMs = 14_500;
/** Between two sounds of the caller, so that each is judged alone. */
const restMs = 4_000;
/** After a sound that wants no answer: long enough to see that none comes. */
const silentRestMs = 2_800;
const patienceMs = 6_000;

export function decideStep(moment: Moment): Step {
  const { agentSpeakingMs, left, isReplyOwed, isReplyLong } = moment;
  if (agentSpeakingMs > 0) {
    const index = left.findIndex(isOver);
    const isTime = agentSpeakingMs >= moment.overMs && agentSpeakingMs <= latestOverMs;
    const isAlone = moment.callerSilentMs >= restMs;
    return index >= 0 && isReplyLong && !isReplyOwed && isTime && isAlone ? { do: 'event', index } : { do: 'wait' };
  }
  if (isReplyOwed) return moment.callerSilentMs >= patienceMs ? { do: 'ask again' } : { do: 'wait' };
  const silentMs = Math.min(moment.agentSilentMs, moment.callerSilentMs);
  if (silentMs < moment.pauseMs || moment.callerSilentMs < silentRestMs) return { do: 'wait' };
  return decideInSilence(moment);
}

function decideInSilence({ left }: Moment): Step {
  if (left.length === 0) return { do: 'hang up' };
  const index = left.findIndex((kind) => !isOver(kind));
  // The order is drawn: what is first decides what kind of reply is asked for.
  if (index === 0 || (index > 0 && !left.some(isOver))) return { do: 'event', index };
  return { do: 'ask' };
}

/** Happens on the agent's words. */
function isOver(kind: EventKind): boolean {
  return !kind.endsWith('in silence') && actFor(kind) !== 'turn';
}
