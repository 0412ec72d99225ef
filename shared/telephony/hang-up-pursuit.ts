// Ends a call at its carrier, however often it has to be asked.
import { AppError } from '../errors.ts';
import { pause, within } from '../within.ts';

const firstPauseMs = 250;
const lastPauseMs = 4_000;
/** Whoever sits in the call hears nobody: half a minute with these pauses, which is when the reconciler looks. */
const maxRefusals = 11;

export interface HangUpPursuit {
  /** From the first request on, also where that is not answered. What is not over by then is the reconciler's. */
  readonly limitMs: number;
  /** Told of each request that failed and is repeated. */
  readonly onFailure?: (error: AppError) => void;
}

const isTooSlow = () => {
  throw new AppError('CARRIER_UNREACHABLE', 'the carrier did not answer in time whether it hangs up');
};

/** Resolves once the carrier took it or knows of no such call. Rejects with what it said last: refused, or still unavailable. */
export async function pursueHangUp(
  { hangUp }: { hangUp(): Promise<void> },
  { limitMs, onFailure }: HangUpPursuit,
): Promise<'taken' | 'gone'> {
  const until = performance.now() + limitMs;
  let refusals = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
    try {
      await within(Math.max(0, until - performance.now()), hangUp, isTooSlow);
      return 'taken';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'CALL_GONE') return 'gone';
      if (!error.retryable && ++refusals > maxRefusals) throw error;
      if (performance.now() + pauseMs > until) throw error;
      onFailure?.(error);
    }
    await pause(pauseMs);
  }
}
