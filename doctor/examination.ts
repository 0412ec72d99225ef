// Tries everything at once, each for a bounded time, and tells what was found in the order of the list.
import { within } from '../shared/within.ts';
import { type Check, type Patient, problem, type Verdict } from './check.ts';
import { judgeFailure } from './failure.ts';

/** The slowest: a serverless Cosmos DB at its first request, a sign-in that tries every way there is. */
export const checkTimeoutMs = 20_000;

export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
}

/** Each finding as soon as those before it are there. Never rejects. */
export async function* examine(
  checks: readonly Check[],
  patient: Patient,
  timeoutMs = checkTimeoutMs,
): AsyncGenerator<Finding> {
  const running = checks.map((check) => ({ name: check.name, verdict: run(check, patient, timeoutMs) }));
  for (const { name, verdict } of running) yield { name, verdict: await verdict };
}

async function run(check: Check, patient: Patient, timeoutMs: number): Promise<Verdict> {
  const isTooSlow = () =>
    problem(
      `there is no answer in ${timeoutMs / 1000} s`,
      'Look at firewalls, and whether it is starting or overloaded.',
    );
  try {
    return await within(timeoutMs, (signal) => check.examine(patient, signal), isTooSlow);
  } catch (error) {
    return judgeFailure(error);
  }
}
