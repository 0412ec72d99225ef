// Says why a call of ACS ended: by ACS's code and sub-code, and by what we knew and wanted before.
import type { CallDirection, CallEndReason } from '../../shared/call/call.ts';
import { findTransferOutcome, type TransferOutcome } from '../../shared/call/transfer-outcome.ts';

export interface AcsResult {
  readonly code: number;
  readonly subCode: number;
}

export interface CallBeforeEnd {
  /** What our side asked for, if it did. */
  readonly askedToEnd?: CallEndReason;
  /** Whether ACS took over a transfer, or was asked for one and has not said that it failed. */
  readonly transfer: 'none' | 'asked' | 'accepted';
  readonly direction: CallDirection;
  readonly connected: boolean;
}

/** 540 is an inbound, 560 an outbound line to the telephone network; its last three digits are the SIP code. */
const reasonBySubCode: Readonly<Record<number, CallEndReason>> = {
  540000: 'caller-hung-up',
  560000: 'caller-hung-up',
  // Ended by Call Automation, or by nobody being left in the conversation.
  7000: 'agent-hung-up',
  5001: 'agent-hung-up',
  5002: 'agent-hung-up',
  5300: 'agent-hung-up',
  10003: 'no-answer',
  10004: 'ring-timeout',
  10024: 'declined',
  500001: 'no-answer',
  510403: 'refused',
  511404: 'invalid-number',
  511532: 'carrier-error',
  301005: 'media-lost',
  531004: 'media-lost',
};

/** Our leg was ended from within the call: by whoever hands it over, when nobody of us asked for it. */
const takenOut: ReadonlySet<number> = new Set([7000, 5300]);

const participantGone = 8522;

const reasonBySip: Readonly<Record<number, CallEndReason>> = {
  403: 'refused',
  404: 'invalid-number',
  408: 'no-answer',
  410: 'invalid-number',
  480: 'no-answer',
  484: 'invalid-number',
  486: 'busy',
  487: 'no-answer',
  600: 'busy',
  603: 'declined',
  604: 'invalid-number',
};

/** Never by the message: ACS words it anew in each version. */
export function readAcsEndReason(result: AcsResult, before: CallBeforeEnd): CallEndReason {
  if (before.transfer === 'accepted') return 'transferred';
  const told = readCodes(result, before);
  // Whoever hangs up first ends the call, even while we are about to.
  if (told === 'caller-hung-up' && result.subCode !== 0) return told;
  if (before.askedToEnd !== undefined) return before.askedToEnd;
  // ACS tells the end of our leg and the acceptance of the transfer in any order; the caller may have left while it rang.
  if (before.transfer === 'asked' && takenOut.has(result.subCode)) return 'transferred';
  return told;
}

/** Of the phone that was to take the call, or to be brought into it. Who is not found there any more has hung up. */
export function readAcsTransferOutcome(result: AcsResult): TransferOutcome {
  if (result.subCode === participantGone) return 'hung-up';
  return findTransferOutcome(readCodes(result, { direction: 'outbound', connected: false }));
}

function readCodes(
  { code, subCode }: AcsResult,
  { direction, connected }: Pick<CallBeforeEnd, 'direction' | 'connected'>,
): CallEndReason {
  const known = reasonBySubCode[subCode];
  if (known !== undefined) return known;
  const isPhoneLine = (subCode >= 540000 && subCode < 541000) || (subCode >= 560000 && subCode < 561000);
  const sip = isPhoneLine ? subCode % 1000 : code;
  // The caller gave up before, or while, we answered.
  if (sip === 487 && direction === 'inbound') return 'caller-hung-up';
  if (code === 200) return connected ? 'caller-hung-up' : 'no-answer';
  return reasonBySip[sip] ?? 'carrier-error';
}
