// Port: whoever finds out what came of a call. Asked once, since its answer is paid for.
import type { CallOutcome } from '../../shared/call/call-outcome.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { OutcomeFields } from './outcome-schema.ts';

/** Nobody waits, and a long call takes a model half a minute. */
export const judgeTimeoutMs = 60_000;
export interface OutcomeRules {
  readonly instructions?: string | undefined;
  readonly fields: OutcomeFields;
}

export type Judgement =
  | { readonly kind: 'found'; readonly outcome: CallOutcome }
  /** `mayRepeat`: nothing was paid for. */
  | { readonly kind: 'failed'; readonly code: string; readonly mayRepeat: boolean };

export interface OutcomeJudge {
  /** Never rejects. */
  judge(call: CallState, rules: OutcomeRules): Promise<Judgement>;
}
