// The TwiML that tells Twilio what to do with a call.
import twilio from 'twilio';
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';

const { VoiceResponse } = twilio.twiml;

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
  readonly say?: { readonly text: string; readonly language: string };
}

/** The agent's own stream. When it ends while the call goes on, Twilio asks /twilio/stream-ended what to do. */
export function createStreamTwiml({ callId, bridgeUrl, publicUrl, token, say }: StreamTwimlOptions): string {
  if (tokenParameter.length + token.length >= maxParameterLength) {
    throw new AppError('BAD_SETTING', 'The media token is too long for Twilio: give the agent a shorter name');
  }
  const response = new VoiceResponse();
  if (say) response.say({ language: say.language as 'en-US' }, say.text);
  response
    .connect({ action: formatTwilioHookUrl(publicUrl, 'stream-ended', callId), method: 'POST' })
    .stream({ url: `${bridgeUrl}/ws/media/${callId}` })
    .parameter({ name: tokenParameter, value: token });
  return response.toString();
}

export function createHangUpTwiml(say?: { readonly text: string; readonly language: string }): string {
  const response = new VoiceResponse();
  if (say) response.say({ language: say.language as 'en-US' }, say.text);
  response.hangup();
  return response.toString();
}

/** Not answered, not billed. */
export function createRejectTwiml(reason: 'busy' | 'rejected'): string {
  const response = new VoiceResponse();
  response.reject({ reason });
  return response.toString();
}

/** The caller hears ringing until somebody answers; afterwards, or if nobody does, Twilio asks /twilio/transfer-ended. */
export function createTransferTwiml(options: {
  readonly publicUrl: string;
  readonly target: string;
  readonly callerId: string;
  readonly ringTimeoutSeconds: number;
}): string {
  const { publicUrl, target, callerId, ringTimeoutSeconds } = options;
  const response = new VoiceResponse();
  response
    .dial({
      action: formatTwilioHookUrl(publicUrl, 'transfer-ended'),
      method: 'POST',
      timeout: ringTimeoutSeconds,
      callerId,
      answerOnBridge: true,
    })
    .number(
      {
        statusCallback: formatTwilioHookUrl(publicUrl, 'transfer-status'),
        statusCallbackMethod: 'POST',
        statusCallbackEvent: ['initiated'],
      },
      target,
    );
  return response.toString();
}

/** Digits can only be played while there is no stream: the agent's stream is opened again right after. */
export function createDigitsTwiml({ publicUrl, digits }: { publicUrl: string; digits: string }): string {
  const response = new VoiceResponse();
  response.play({ digits });
  response.redirect({ method: 'POST' }, formatTwilioHookUrl(publicUrl, 'twiml'));
  return response.toString();
}

export type TwilioHookName =
  | 'voice'
  | 'twiml'
  | 'status'
  | 'amd'
  | 'stream-ended'
  | 'transfer-status'
  | 'transfer-ended';

/** Twilio itself repeats a request only when it cannot connect. Read by Twilio, neither sent nor signed. */
const repeatOnFailure = '#rc=2&rp=ct,rt,5xx';

/** Without a call id the handler finds the call by its CallSid. */
export function formatTwilioHookUrl(publicUrl: string, hook: TwilioHookName, callId?: CallId): string {
  const query = callId === undefined ? '' : `?callId=${encodeURIComponent(callId)}`;
  return `${publicUrl}/twilio/${hook}${query}${hook === 'status' ? repeatOnFailure : ''}`;
}
