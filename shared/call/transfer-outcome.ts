// What becomes of a transfer that does not succeed, in one word, whatever carrier tells it and however.
import type { CallEndReason, CallId } from './call.ts';

export const transferOutcomes = [
  'busy',
  'no-answer',
  /** Said no, or pressed the key for it. */
  'declined',
  'voicemail',
  /** Picked up, and was gone before any decision. */
  'hung-up',
  /** There is no such phone, or the network does not let us. */
  'unreachable',
  /** The dial guard forbids it, or cannot count now. */
  'not-allowed',
  /** Our side broke off: the bridge that had the caller is gone. */
  'interrupted',
  'failed',
] as const;
export type TransferOutcome = (typeof transferOutcomes)[number];

/** In the call to the person who is asked. */
export interface Consultation {
  /** The call whose caller waits. */
  readonly forCall: CallId;
  /** By its name. */
  readonly target: string;
  /** What it is about, to be said. */
  readonly brief: string;
}

/** Another number of the same target may do better; whoever said no, or began to listen, is not asked again elsewhere. */
const worthAnotherNumber: ReadonlySet<TransferOutcome> = new Set([
  'busy',
  'no-answer',
  'voicemail',
  'unreachable',
  'not-allowed',
]);

export function isWorthAnotherNumber(outcome: TransferOutcome): boolean {
  return worthAnotherNumber.has(outcome);
}

const outcomeByReason: Readonly<Partial<Record<CallEndReason, TransferOutcome>>> = {
  busy: 'busy',
  'no-answer': 'no-answer',
  'ring-timeout': 'no-answer',
  declined: 'declined',
  'invalid-number': 'unreachable',
  refused: 'unreachable',
  voicemail: 'voicemail',
  'caller-hung-up': 'hung-up',
};

/** Of the call to the person: why it ended. */
export function findTransferOutcome(reason: CallEndReason): TransferOutcome {
  return outcomeByReason[reason] ?? 'failed';
}
