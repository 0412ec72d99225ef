// Says why a call at Twilio ended: by Twilio's status and SIP code, and by what we wanted before.
import type { CallEndReason } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { findTransferOutcome, type TransferOutcome } from '../../shared/call/transfer-outcome.ts';

export const twilioEndStatuses = ['completed', 'busy', 'no-answer', 'failed', 'canceled'] as const;
export type TwilioEndStatus = (typeof twilioEndStatuses)[number];

export function isTwilioEndStatus(status: string | undefined): status is TwilioEndStatus {
  return twilioEndStatuses.some((ending) => ending === status);
}

/** SIP answers that say more than Twilio's own status: nobody has the number, or somebody said no. */
const reasonBySip: Readonly<Record<string, CallEndReason>> = {
  404: 'invalid-number',
  410: 'invalid-number',
  484: 'invalid-number',
  604: 'invalid-number',
  603: 'declined',
  607: 'declined',
  608: 'declined',
};

export function readTwilioEndReason(
  status: TwilioEndStatus,
  sipCode: string | undefined,
  state: CallState | undefined,
): CallEndReason {
  switch (status) {
    case 'completed':
      return state?.askedToEnd ?? (state?.isTransferred ? 'transferred' : 'caller-hung-up');
    case 'canceled':
      return state?.askedToEnd ?? 'failed';
    case 'no-answer':
      return 'no-answer';
    case 'busy':
      return reasonBySip[sipCode ?? ''] ?? 'busy';
    case 'failed':
      return reasonBySip[sipCode ?? ''] ?? 'carrier-error';
    default:
      return status satisfies never;
  }
}

/** Of the phone that was dialled for the caller. `completed`: it was picked up and hung up before the two were put together. */
export function readTwilioTransferOutcome(dialled: string): TransferOutcome {
  if (dialled === 'completed' || dialled === 'answered') return 'hung-up';
  return isTwilioEndStatus(dialled)
    ? findTransferOutcome(readTwilioEndReason(dialled, undefined, undefined))
    : 'failed';
}
