// The TwiML that tells Twilio what to do with a call.
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import { XmlElement } from './xml.ts';

/** Twilio drops what is longer: name and value of a <Parameter> together. */
const maxParameterLength = 500;
const tokenParameter = 'token';

export interface StreamTwimlOptions {
  readonly callId: CallId;
  /** wss://; without a query, which Twilio strips. */
  readonly bridgeUrl: string;
  readonly publicUrl: string;
  /** Lets the stream in at the bridge. It travels inside the stream's first message, so that no URL log holds it. */
  readonly token: string;
  /** Spoken before the stream: for a caller who waited in a dead line. */
  readonly say?: SpokenText;
  /** Silence between the words and the stream. */
  readonly pauseSeconds?: number;
  /** For whoever is asked when the stream ends. */
  readonly resume?: string;
}

export interface SpokenText {
  readonly text: string;
  /** BCP 47. */
  readonly language: string;
}

/** The agent's own stream. When it ends while the call goes on, Twilio asks /twilio/stream-ended what to do. */
export function createStreamTwiml(options: StreamTwimlOptions): string {
  const { callId, bridgeUrl, publicUrl, token, say, pauseSeconds = 0, resume } = options;
  if (tokenParameter.length + token.length >= maxParameterLength) {
    throw new AppError('BAD_SETTING', 'The media token is too long for Twilio: give the agent a shorter name');
  }
  const action = formatTwilioHookUrl(publicUrl, 'stream-ended', callId, resume);
  const parameter = new XmlElement('Parameter', { name: tokenParameter, value: token });
  const stream = new XmlElement('Stream', { url: `${bridgeUrl}/ws/media/${callId}` }, parameter);
  const pause = pauseSeconds > 0 ? [new XmlElement('Pause', { length: pauseSeconds })] : [];
  return formatTwiml(...createSay(say), ...pause, new XmlElement('Connect', { action, method: 'POST' }, stream));
}

export function createHangUpTwiml(say?: SpokenText): string {
  return formatTwiml(...createSay(say), new XmlElement('Hangup', {}));
}

/** Nobody answers, and nobody pays. */
export function createBusyTwiml(): string {
  return formatTwiml(new XmlElement('Reject', { reason: 'busy' }));
}

/** A sound file, and then the end. */
export function createPlayTwiml(url: string): string {
  return formatTwiml(new XmlElement('Play', {}, url), new XmlElement('Hangup', {}));
}

/** The caller hears ringing until somebody answers; afterwards, or if nobody does, Twilio asks /twilio/transfer-ended. */
export function createTransferTwiml(options: {
  readonly publicUrl: string;
  readonly callId: CallId;
  readonly target: string;
  readonly callerId: string;
  readonly ringTimeoutSeconds: number;
}): string {
  const { publicUrl, callId, target, callerId, ringTimeoutSeconds } = options;
  const dial = {
    action: formatTwilioHookUrl(publicUrl, 'transfer-ended', callId),
    method: 'POST',
    timeout: ringTimeoutSeconds,
    callerId,
    answerOnBridge: true,
  };
  const number = {
    statusCallback: formatTwilioHookUrl(publicUrl, 'transfer-status', callId),
    statusCallbackMethod: 'POST',
    statusCallbackEvent: 'initiated answered',
  };
  return formatTwiml(new XmlElement('Dial', dial, new XmlElement('Number', number, target)));
}

/** Digits can only be played while there is no stream: the agent's stream is opened again right after. */
export function createDigitsTwiml(options: { publicUrl: string; callId: CallId; digits: string }): string {
  const { publicUrl, callId, digits } = options;
  const again = new XmlElement('Redirect', { method: 'POST' }, formatTwilioHookUrl(publicUrl, 'twiml', callId));
  return formatTwiml(new XmlElement('Play', { digits }), again);
}

function createSay(say: SpokenText | undefined): XmlElement[] {
  return say ? [new XmlElement('Say', { language: say.language }, say.text)] : [];
}

export function formatTwiml(...verbs: readonly XmlElement[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${new XmlElement('Response', {}, ...verbs)}`;
}

export type TwilioHookName =
  | 'voice'
  | 'twiml'
  | 'status'
  | 'amd'
  | 'stream-ended'
  | 'transfer-status'
  | 'transfer-ended'
  | 'room-entered'
  | 'room-alone'
  | 'recording';

/**
 * Left alone, Twilio repeats a request once, and only when it cannot connect; a call whose TwiML does not come is cut off. Three
 * tries fit into the 15 s that it allows for all of them. Read by Twilio, neither sent nor signed.
 */
const repeatOnFailure = '#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx';

/** Without a call id the handler finds the call by its CallSid. `resume`: what is to be known when a stream ends again. */
export function formatTwilioHookUrl(publicUrl: string, hook: TwilioHookName, callId?: CallId, resume?: string): string {
  const query = new URLSearchParams();
  if (callId !== undefined) query.set('callId', callId);
  if (resume !== undefined) query.set('resume', resume);
  return `${publicUrl}/twilio/${hook}${query.size > 0 ? `?${query}` : ''}${repeatOnFailure}`;
}
