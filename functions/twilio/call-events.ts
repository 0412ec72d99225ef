// What a status of Twilio means for the call.
import type { CallEndReason } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';

/** SIP answers that say more than Twilio's own status: nobody has the number, or somebody said no. */
const sipReasons: Readonly<Record<string, CallEndReason>> = {
  404: 'invalid-number',
  410: 'invalid-number',
  484: 'invalid-number',
  604: 'invalid-number',
  603: 'declined',
  607: 'declined',
  608: 'declined',
};

/**
 * Undefined for a status that changes nothing. Statuses come in any order and more than once: each is a fact with one id, and
 * the fold of a call's events leaves no end.
 */
export function readTwilioStatus(
  status: string | undefined,
  sipCode: string | undefined,
  state: CallState | undefined,
): { fact: CallFact; id: string } | undefined {
  switch (status) {
    case 'ringing':
      return { fact: { type: 'call-ringing' }, id: 'call-ringing' };
    case 'in-progress':
      return { fact: { type: 'call-connected' }, id: 'call-connected' };
    case 'completed':
    case 'busy':
    case 'no-answer':
    case 'failed':
    case 'canceled': {
      const reason = readReason(status, sipCode, state);
      return { fact: { type: 'call-ended', reason, code: sipCode ?? status }, id: 'call-ended' };
    }
    default:
      return undefined;
  }
}

function readReason(
  status: 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled',
  sipCode: string | undefined,
  state: CallState | undefined,
): CallEndReason {
  switch (status) {
    case 'completed':
      return state?.askedToEnd ?? (state?.phase === 'transferring' ? 'transferred' : 'caller-hung-up');
    case 'canceled':
      return state?.askedToEnd ?? 'failed';
    case 'no-answer':
      return 'no-answer';
    case 'busy':
      return sipReasons[sipCode ?? ''] ?? 'busy';
    case 'failed':
      return sipReasons[sipCode ?? ''] ?? 'carrier-error';
    default:
      return status satisfies never;
  }
}

export function readAnsweredBy(answeredBy: string | undefined): 'person' | 'machine' | 'unknown' {
  if (answeredBy === 'human') return 'person';
  return answeredBy?.startsWith('machine') || answeredBy === 'fax' ? 'machine' : 'unknown';
}
