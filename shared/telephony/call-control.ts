// Port: what can be done to a call at its carrier, apart from its audio.
import type { CallId, Carrier } from '../call/call.ts';

export interface DialRequest {
  readonly callId: CallId;
  /** E.164, or another identifier that the carrier knows. */
  readonly to: string;
  readonly from: string;
  /** Where the carrier tells what becomes of the call. */
  readonly callbackUrl: string;
  /** Where the carrier opens its media socket. */
  readonly mediaUrl: string;
  readonly ringTimeoutSeconds?: number;
}

export interface AnswerRequest {
  readonly callId: CallId;
  /** The carrier's handle of the ringing call. A secret. */
  readonly incomingContext: string;
  readonly callbackUrl: string;
  /** Undefined: the call gets no media socket; something is played to it. */
  readonly mediaUrl: string | undefined;
}

/** How a call stands at its carrier. */
export interface CarrierCall {
  readonly phase: 'ringing' | 'connected' | 'over';
  /** Of one that is over: the carrier's word for how it ended, where it keeps one. */
  readonly endStatus?: string;
  /** Whether its media socket is open; undefined where the carrier does not tell. */
  readonly hasMedia?: boolean;
}

/** By both its names: a carrier that comes back to ask about it tells ours, too, and no store need be asked which it is. */
export interface NamedCall {
  readonly callId: CallId;
  readonly carrierCallId: string;
}

/**
 * Each method throws an AppError: CARRIER_REFUSED (do not repeat), CARRIER_UNAVAILABLE (may be repeated), CARRIER_UNREACHABLE
 * (the same; it has answered nothing), CARRIER_UNCERTAIN (dialling only: the phone may ring all the same), CALL_GONE (the call
 * ended meanwhile: usually as good as success).
 */
export interface CallControl {
  readonly carrier: Carrier;
  /** Resolves to the carrier's id of the call. */
  answer(request: AnswerRequest): Promise<string>;
  dial(request: DialRequest): Promise<string>;
  /** Whoever rings hears the busy signal. */
  reject(incomingContext: string): Promise<void>;
  /** Has the carrier play a WAV file (16 bits, mono, 16 kHz) to a call without a media socket. The end is told as an event. */
  announce(carrierCallId: string, url: string): Promise<void>;
  hangUp(carrierCallId: string): Promise<void>;
  transfer(call: NamedCall, target: string, from: string): Promise<void>;
  /** Lets the people in two of our calls talk to each other. Resolves when the carrier has taken it; that they do is told as an event. */
  join(call: NamedCall, leg: NamedCall): Promise<void>;
  /** Takes us out of the sound of a call whose people talk to each other, if they are not rid of us already. */
  leave(carrierCallId: string): Promise<void>;
  /** `pauseMs`: between two of them, beside what the carrier leaves. Resolves when the carrier has taken the last one. */
  sendDigits(call: NamedCall, digits: string, pauseMs?: number): Promise<void>;
  /** A call that the carrier does not know is over. */
  look(carrierCallId: string): Promise<CarrierCall>;
  /** How many people are in it; undefined where the carrier does not tell, or not now. */
  countPeople(carrierCallId: string): Promise<number | undefined>;
  /** Asks the carrier to open the media socket of a live call again. */
  restartMedia(call: NamedCall): Promise<void>;
  /** The same for a socket that the carrier takes for sound: it is closed first. A token that lets the next one in spares a carrier to ask functions for it. */
  replaceMedia(call: NamedCall, token?: string): Promise<void>;
}
