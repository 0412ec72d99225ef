// What to do about a service that a tool asks, by the status it answers with.
import { AppError } from '../shared/errors.ts';
import { problem, type Verdict } from './check.ts';
import { judgeFailure } from './failure.ts';

export interface ToolAdvice {
  /** For 401 and 403. */
  readonly access: string;
  /** For 404. */
  readonly place: string;
}

export function judgeTool(error: unknown, { access, place }: ToolAdvice): Verdict {
  if (!(error instanceof AppError)) return judgeFailure(error);
  const status = Number(/\b(\d{3})\)$/.exec(error.message)?.[1] ?? 0);
  if (status === 401 || status === 403) return problem(error.message, access);
  if (status === 404) return problem(error.message, place);
  return judgeFailure(error);
}
