// Turns what the Call Automation SDK throws into our own errors: gone, to be tried again, or refused.
import { AppError } from '../errors.ts';
import { formatServiceWord } from '../service-word.ts';
import { mayHaveBeenDone } from './acs-attempts.ts';
import { mayBeDone } from './request-fate.ts';

/** 8522: no such call. 8528: the call was ended already. */
const goneCodes = new Set(['8522', '8528']);
/** 8523 is ACS's word for an invalid request; for an answer it means that the caller no longer waits. */
const staleContextCode = '8523';
/** The same, told by another of its layers, which has no code. */
const staleContextText = /lifetime validation of the signed http request failed/i;
export const mediaNotEstablishedCode = '8501';

interface RestFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
}

const carrier = 'ACS';

export type AcsAction =
  | 'answer'
  | 'reject'
  | 'announce'
  | 'dial'
  | 'hang up'
  | 'transfer'
  | 'join calls'
  | 'leave'
  | 'send digits'
  | 'restart media'
  | 'tell of a call'
  | 'record';

/** ACS's own text may hold numbers and our media URL with its token: it is the cause, which logs hide. */
export function createAcsError(action: AcsAction, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  // The SDK throws a bare string when a success has no call id: the call may exist, so it must not be asked for again.
  if (!(cause instanceof Error)) {
    const answer = 'a success without a call';
    if (action === 'dial') return new AppError('CARRIER_UNCERTAIN', { carrier, answer });
    return new AppError('CARRIER_REFUSED', { carrier, action, answer });
  }
  const { statusCode, code, message } = readRestFailure(cause);
  const answer = `${statusCode ?? 'no answer'}${code ? `, ${formatServiceWord(code)}` : ''}`;
  // The SDK's own error holds the request, with all that is secret in it.
  const options = { cause: new Error(message) };
  if (isGone(action, cause)) return new AppError('CALL_GONE', { carrier, action, answer }, options);
  if (action === 'dial' && (mayBeDone(statusCode, code) || mayHaveBeenDone(cause)))
    return new AppError('CARRIER_UNCERTAIN', { carrier, answer }, options);
  if (statusCode === undefined) return new AppError('CARRIER_UNREACHABLE', { carrier, action, answer }, options);
  if (statusCode === 429 || mayBeDone(statusCode, code))
    return new AppError('CARRIER_UNAVAILABLE', { carrier, action, answer }, options);
  return new AppError('CARRIER_REFUSED', { carrier, action, answer }, options);
}

export function readRestFailure(cause: unknown): RestFailure {
  return cause instanceof Error ? (cause as RestFailure) : { message: String(cause) };
}

function isGone(action: AcsAction, cause: unknown): boolean {
  const { statusCode, code, message } = readRestFailure(cause);
  if (action === 'dial') return false;
  if (statusCode === 404 || (code !== undefined && goneCodes.has(code))) return true;
  if (action !== 'answer' && action !== 'reject') return false;
  return (statusCode === 400 && code === staleContextCode) || staleContextText.test(message);
}
