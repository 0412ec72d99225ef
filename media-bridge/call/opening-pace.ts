// Opens calls one after the other: each takes some milliseconds of the one core that all live calls speak through.
import { AppError } from '../../shared/errors.ts';

/** From one opening to the next. */
const betweenMs = 5;
/** Who is woken so much too late has found the core busy, and leaves the live calls another while. */
const maxLateMs = 2;
/** After so long the next call is opened on any core. */
const longestGapMs = 40;
/** Who would hear nothing for longer is better served by another replica. */
const maxWaitMs = 2_000;

export class OpeningPace {
  /** In the order in which they came. */
  readonly #waiting: (() => void)[] = [];
  #openedAtMs = Number.NEGATIVE_INFINITY;
  /** Between the last two of a row. */
  #gapMs = betweenMs;
  #timer: NodeJS.Timeout | undefined;

  /** Calls wait for their turn. */
  get isBusy(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when the call may be opened: at once where no other one was just now. Throws BRIDGE_FULL. */
  async takeTurn(): Promise<void> {
    if (!this.#timer && performance.now() - this.#openedAtMs >= betweenMs) {
      this.#openedAtMs = performance.now();
      this.#gapMs = betweenMs;
      return;
    }
    if (this.#waiting.length * this.#gapMs >= maxWaitMs)
      throw new AppError('BRIDGE_FULL', `more calls are being opened here than can be in ${maxWaitMs} ms`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    this.#timer ??= this.#wakeIn(betweenMs);
    await promise;
  }

  #wakeIn(ms: number): NodeJS.Timeout {
    const dueMs = performance.now() + ms;
    return setTimeout(() => this.#wakeUp(performance.now() - dueMs), ms);
  }

  #wakeUp(lateMs: number): void {
    const sinceMs = performance.now() - this.#openedAtMs;
    // A timer counts from the beginning of the turn in which it is set, which may be long ago.
    const isEarly = sinceMs < betweenMs - 1;
    if (isEarly || (lateMs > maxLateMs && sinceMs < longestGapMs)) {
      this.#timer = this.#wakeIn(betweenMs);
      return;
    }
    this.#openedAtMs = performance.now();
    this.#gapMs = sinceMs;
    this.#waiting.shift()!();
    this.#timer = this.#waiting.length > 0 ? this.#wakeIn(betweenMs) : undefined;
  }
}
