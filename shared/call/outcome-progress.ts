// How far the outcome of a call is: asked for, found, failed. One total function.
import type { CallEvent } from './call-event.ts';
import type { CallOutcome } from './call-outcome.ts';

/** `none`: nobody said anything, or the agent wants no outcome. */
export const outcomeStatuses = ['pending', 'done', 'failed', 'none'] as const;
export type OutcomeStatus = (typeof outcomeStatuses)[number];

export interface OutcomeProgress {
  readonly status: OutcomeStatus;
  /** How often the model was asked. */
  readonly attempts: number;
  /** Somebody asked the model then, and has not told yet what it said. */
  readonly askedAt?: number;
  /** Why the last attempt failed, and when. */
  readonly code?: string;
  readonly failedAt?: number;
  readonly result?: CallOutcome;
}

export type OutcomeEvent = Extract<
  CallEvent,
  { type: 'outcome-asked' | 'outcome-ready' | 'outcome-failed' | 'outcome-skipped' }
>;

export const noProgress: OutcomeProgress = { status: 'pending', attempts: 0 };

/** Total. What is done stays done, whatever is told late; a failure may be asked for once more. */
export function applyOutcomeEvent(before: OutcomeProgress = noProgress, event: OutcomeEvent): OutcomeProgress {
  const { status, attempts, result } = before;
  if (status === 'done' && event.type !== 'outcome-ready') return before;
  switch (event.type) {
    case 'outcome-asked':
      if (event.attempt <= attempts) return before;
      return { status: 'pending', attempts: event.attempt, askedAt: event.at };
    case 'outcome-ready':
      return { status: 'done', attempts: Math.max(attempts, event.attempt), result: result ?? event.outcome };
    case 'outcome-failed':
      // Of an attempt that another one has followed since.
      if (event.attempt < attempts) return before;
      return {
        status: event.isFinal ? 'failed' : 'pending',
        attempts: event.attempt,
        code: event.code,
        failedAt: event.at,
      };
    case 'outcome-skipped':
      return attempts > 0 ? before : { status: 'none', attempts };
    default:
      event satisfies never;
      return before;
  }
}
