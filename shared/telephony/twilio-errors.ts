// Turns what the Twilio client throws into our own errors: gone, to be tried again, or refused.
import { AppError } from '../errors.ts';
import { formatServiceCode } from '../service-word.ts';
import { mayBeDone } from './request-fate.ts';
import { TwilioRefusal } from './twilio-client.ts';

const carrier = 'Twilio';

export type TwilioAction =
  | 'dial'
  | 'announce'
  | 'hang up'
  | 'transfer'
  | 'join calls'
  | 'send digits'
  | 'restart media'
  | 'tell of a call'
  | 'record';

/** 21220: not in progress any more. 20404: no such call, also told of one that ended a moment ago. */
const goneCodes: ReadonlySet<unknown> = new Set([21220, 20404]);

/** The message holds Twilio's numbers only: its text may hold a phone's. */
export function createTwilioError(action: TwilioAction, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { status, code } = cause instanceof TwilioRefusal ? cause : { status: undefined, code: findSocketCode(cause) };
  const answer = `${status ?? 'no answer'}${code === undefined ? '' : `, ${formatServiceCode(code)}`}`;
  if (action !== 'dial' && (goneCodes.has(code) || status === 404)) {
    return new AppError('CALL_GONE', { carrier, action, answer }, { cause });
  }
  // Twilio has no idempotency key: after a lost answer the phone may be ringing, and a repeat would ring it twice.
  if (action === 'dial' && mayBeDone(status, code)) {
    return new AppError('CARRIER_UNCERTAIN', { carrier, answer }, { cause });
  }
  if (status === undefined) return new AppError('CARRIER_UNREACHABLE', { carrier, action, answer }, { cause });
  if (status === 429 || mayBeDone(status, code)) {
    return new AppError('CARRIER_UNAVAILABLE', { carrier, action, answer }, { cause });
  }
  return new AppError('CARRIER_REFUSED', { carrier, action, answer }, { cause });
}

/** fetch hides it one level down. */
function findSocketCode(error: unknown): string | undefined {
  const { cause } = (error instanceof Error ? error : {}) as { readonly cause?: { readonly code?: string } };
  return cause?.code;
}
