// Judges a live call by what is known of it here and at its carrier: is it as it should be, and if not, what is to be done?
import type { CallState } from '../../shared/call/call-state.ts';
import type { CarrierCall } from '../../shared/telephony/call-control.ts';

/** What is known of a call before its carrier is asked. */
export interface KnownCall {
  readonly state: CallState;
  /** When something was last written down of it. */
  readonly lastEventAt: number;
  /** When somebody on our side first wanted the end; undefined also where that is not known any more. */
  readonly askedToEndAt?: number;
  /** A bridge serves it now. */
  readonly isHeld: boolean;
  /** The bridge that had it last, as far as that is written down, is there. */
  readonly hasLivingBridge: boolean;
  /** A bridge that served it would be seen from here; without a store that both share none is. */
  readonly isWatched: boolean;
}

/** Whoever asked for the end is still at it for some seconds. */
const hangUpGraceMs = 10_000;
/** Events that are late come first: they know the true reason of an end, and which of them a bridge makes of a new socket. */
const quietMs = 30_000;
/** ACS rings a phone for up to 115 s; after that nobody is to be waited for. */
const longestRingMs = 120_000;
/** ACS rings us for 30 s, and Twilio waits 15 s for an answer. */
const longestIncomingMs = 60_000;
/** From the loss of its media: longer than the longest take-over, which the carrier's own events drive. */
const unservedMs = 45_000;

/** Undefined: the call is as it should be, or nothing can be known yet. */
export function chooseQuestion(known: KnownCall, now: number): 'ask' | 'close-unheard-of' | undefined {
  const { state, lastEventAt, askedToEndAt = lastEventAt, isHeld } = known;
  const quiet = now - lastEventAt;
  if (state.phase === 'ended') return undefined;
  if (state.carrierCallId === undefined) {
    if (isHeld) return undefined;
    const age = now - (state.createdAt ?? lastEventAt);
    const patience = state.direction === 'outbound' ? longestRingMs : longestIncomingMs;
    return Math.min(age, quiet) >= patience ? 'close-unheard-of' : undefined;
  }
  // Whatever is still heard of it, keys that the caller presses, say.
  if (state.askedToEnd !== undefined) return now - askedToEndAt >= hangUpGraceMs ? 'ask' : undefined;
  // Who serves it hears of its end before anybody.
  if (isHeld) return undefined;
  return quiet >= quietMs ? 'ask' : undefined;
}

/** A store that was away gets what a bridge has to tell of the end in its own time, and the bridge knows why it was. */
const tellingMs = 90_000;

export type CallVerdict = 'leave' | 'close' | 'hang-up' | 'resume';

/** `people`: in a call that was handed over, where the carrier tells. */
export function judgeCall(known: KnownCall, carrier: CarrierCall, now: number, people?: number): CallVerdict {
  const { state, lastEventAt, isHeld, isWatched, hasLivingBridge } = known;
  if (state.askedToEnd !== undefined) return carrier.phase === 'over' ? 'close' : 'hang-up';
  if (carrier.phase === 'over') return hasLivingBridge && now - lastEventAt < tellingMs ? 'leave' : 'close';
  if (isHandedOver(state)) return isDeserted(state, people) ? 'hang-up' : 'leave';
  // A phone that rings has no media.
  if (carrier.phase === 'ringing' || isHeld) return 'leave';
  // Twilio tells nothing of media: it asks us by itself what to do when a stream is over, and ends the call without an answer.
  if (!isWatched || carrier.hasMedia !== false) return 'leave';
  return now - lastEventAt >= unservedMs ? 'resume' : 'leave';
}

/** The bridge has left it. One that it was about to leave, for a person who never came, is still the agent's. */
function isHandedOver({ phase, consultation, isTransferred }: CallState): boolean {
  return phase === 'transferring' && (consultation === undefined || isTransferred === true);
}

/** Of the two who were brought together one has gone, and nobody was told. */
function isDeserted({ consultation }: CallState, people: number | undefined): boolean {
  return consultation !== undefined && people !== undefined && people < 2;
}
