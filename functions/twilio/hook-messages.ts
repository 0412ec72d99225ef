// A request of Twilio's web hooks: its signature is checked before anything in it is believed.
import type { HttpRequest } from '@azure/functions';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { isSignedByTwilio, parseTwilioForm } from '../../shared/telephony/twilio-signature.ts';
import { type MediaResumption, parseResumption } from '../media-resumption.ts';

/** Twilio sends a few dozen short fields. */
const formLimitBytes = 64 * 1024;
const sidPattern = /^[A-Z]{2}[0-9A-Za-z]{1,62}$/;

export interface TwilioHookRequest {
  /** Of the call the request is about. */
  readonly callSid: string;
  /** From our own query, or from that of whoever places calls at Twilio and names it `call_id`; a child call's request has its parent's SID besides. */
  readonly callId: CallId | undefined;
  readonly parentCallSid: string | undefined;
  /** From our own query too: what the stream that ended was a try of. */
  readonly resumption: MediaResumption | undefined;
  /** The call ended while, or before, we were asked what to do with it. */
  readonly isOver: boolean;
  /** Undefined where the field is missing or empty. */
  field(name: string): string | undefined;
}

export interface TwilioAccount {
  readonly accountSid: string;
  /** Twilio signs with it. */
  readonly authToken: string;
  readonly publicUrl: string;
}

/** Throws FORBIDDEN unless Twilio signed it for a call of this account, BODY_TOO_LARGE and BAD_REQUEST. */
export async function readTwilioHookRequest(
  request: HttpRequest,
  { accountSid, authToken, publicUrl }: TwilioAccount,
): Promise<TwilioHookRequest> {
  const body = await request.text();
  if (body.length > formLimitBytes) throw new AppError('BODY_TOO_LARGE', { limitBytes: formLimitBytes });
  const form = parseTwilioForm(body);
  // The host that a proxy shows is not the one that Twilio was told: only path and query are taken from the request.
  const path = request.url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  const signature = request.headers.get('x-twilio-signature') ?? undefined;
  if (!isSignedByTwilio({ authToken, publicUrl, path, signature, form })) {
    throw new AppError('FORBIDDEN', 'the request was not signed by Twilio');
  }
  const field = (name: string) => {
    const value = form[name];
    return (typeof value === 'string' ? value : value?.[0]) || undefined;
  };
  if (field('AccountSid') !== accountSid)
    throw new AppError('FORBIDDEN', 'the request is about a call of another account than TWILIO_ACCOUNT_SID');
  const callSid = field('CallSid');
  // It is told in logs, where nothing but an id belongs.
  if (callSid === undefined || !sidPattern.test(callSid))
    throw new AppError('BAD_REQUEST', 'CallSid is missing or none');
  const callId = findCallId(request.query.get('callId') ?? request.query.get('call_id') ?? '');
  const isOver = !['in-progress', 'ringing', undefined].includes(field('CallStatus'));
  const resumption = parseResumption(request.query.get('resume'));
  return { callSid, callId, parentCallSid: field('ParentCallSid'), resumption, isOver, field };
}
