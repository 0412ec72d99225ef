// The words of the domain: what a call is, whatever carries it and whatever speaks in it.

/** Our own name of a call. It is safe in a URL and in a Redis key: letters, digits and dashes. */
export type CallId = string & { readonly __brand: 'CallId' };

/** Those that ring phones. */
export const phoneCarriers = ['acs', 'twilio'] as const;
/** `web`: nobody's phone, but a page in a browser. */
export const carriers = [...phoneCarriers, 'web'] as const;
export type Carrier = (typeof carriers)[number];
export type PhoneCarrier = (typeof phoneCarriers)[number];

export const voiceModelKinds = ['gpt-realtime', 'voice-live', 'cascade'] as const;
export type VoiceModelKind = (typeof voiceModelKinds)[number];

export type CallDirection = 'inbound' | 'outbound';

/** `dialling`: the carrier was asked; `ringing`: a phone rings; `active`: somebody is connected. */
export const callPhases = ['dialling', 'ringing', 'active', 'transferring', 'ended'] as const;
export type CallPhase = (typeof callPhases)[number];

export const callEndReasons = [
  'caller-hung-up',
  'agent-hung-up',
  'operator-hung-up',
  'transferred',
  'busy',
  'no-answer',
  'declined',
  'invalid-number',
  'ring-timeout',
  'voicemail',
  'refused',
  'carrier-error',
  'model-unavailable',
  'media-lost',
  'bridge-full',
  'failed',
] as const;
export type CallEndReason = (typeof callEndReasons)[number];

/** Who says something: the person on the phone or the AI. */
export const speakers = ['caller', 'agent'] as const;
export type Speaker = (typeof speakers)[number];

/** Who has the word, or owes it. `nobody`: whoever likes may speak, and nobody waits. */
export type Floor = Speaker | 'nobody';

export interface Turn {
  readonly role: Speaker;
  /** What was said; of an interrupted reply only the part that the caller heard. */
  readonly text: string;
  readonly interrupted: boolean;
  /** What the agent went on to say and nobody heard: for those who read the call, never for a model. */
  readonly unheard?: string;
  /** Unix time in ms. */
  readonly at: number;
}

const callIdPattern = /^[A-Za-z0-9-]{1,64}$/;

/** By how we name calls; undefined for a name that is not ours. */
export function findDirection(callId: CallId): CallDirection | undefined {
  return callId.startsWith('in-') ? 'inbound' : callId.startsWith('out-') ? 'outbound' : undefined;
}

export function findCallId(text: string): CallId | undefined {
  return callIdPattern.test(text) ? (text as CallId) : undefined;
}
