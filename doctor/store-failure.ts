// What to do about a store that says itself what is wrong with it.
import { AppError } from '../shared/errors.ts';
import { problem, type Verdict } from './check.ts';
import { judgeFailure } from './failure.ts';

/** `advice`: for what the message says, the first that fits. */
export function judgeStore(error: unknown, advice: readonly (readonly [said: RegExp, advice: string])[]): Verdict {
  const found = error instanceof AppError ? advice.find(([said]) => said.test(error.message)) : undefined;
  return found ? problem((error as AppError).message, found[1]) : judgeFailure(error);
}
