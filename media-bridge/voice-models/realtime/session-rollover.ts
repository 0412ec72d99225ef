// Ends a session of limited age in a quiet moment, before the service would cut it off in the middle of a word.
import { longestTimerMs } from '../../../shared/within.ts';

export interface SessionRolloverOptions {
  /** Unix time; undefined if the service did not tell. */
  readonly expiresAtMs: number | undefined;
  /** Nobody speaks, and nothing is owed to anybody. */
  isQuiet(): boolean;
  onDue(): void;
}

/** The longest turn that is waited for. When no quiet moment comes in that time, the service ends the session. */
const aheadMs = 120_000;
/** A session that would have to be given back sooner than this is not: the next one would be as short, and opened as often. */
const shortestUseMs = 60_000;

export class SessionRollover {
  readonly #options: SessionRolloverOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #isDue = false;

  constructor(options: SessionRolloverOptions) {
    this.#options = options;
    const delayMs = (options.expiresAtMs ?? 0) - Date.now() - aheadMs;
    // A session that ends so soon, or a clock that is wrong: the service ends it when it does. One that ends later than a timer
    // can tell outlives every call.
    if (delayMs < shortestUseMs || delayMs > longestTimerMs) return;
    this.#timer = setTimeout(() => {
      this.#isDue = true;
      this.check();
    }, delayMs);
    this.#timer.unref();
  }

  /** To be called whenever it may have become quiet. */
  check(): void {
    if (!this.#isDue || !this.#options.isQuiet()) return;
    this.#isDue = false;
    this.#options.onDue();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isDue = false;
  }
}
