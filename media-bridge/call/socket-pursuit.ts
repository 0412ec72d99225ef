// Has the carrier open another media socket while the one of a call is lost, for as long as the call waits for it.
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';

/** A carrier that knows of the loss, or functions that it tells, have another socket opened within a second. */
const toldWithinMs = 1_500;
/** A request that was taken has its time. */
const againAfterMs = 3_000;
const lookEveryMs = 500;
/** A carrier that is in reach answers sooner. */
const answersWithinMs = 1_000;

export interface SocketPursuitOptions {
  readonly isConnected: () => boolean;
  readonly log: Logger;
  /** Has the carrier close the media socket, which it may take for sound, and open another one. False: it is not to be asked from here. */
  replaceMedia(): Promise<boolean>;
  /** Has it open one where there is none. False: the same. */
  restartMedia(): Promise<boolean>;
}

export class SocketPursuit {
  readonly #options: SocketPursuitOptions;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #isThoughtSound = false;
  #isAsking = false;
  /** Since when the carrier was asked and did not answer. */
  #unansweredSinceMs: number | undefined;
  #isRefused = false;
  #hasFailed = false;
  /** By which it was warned of, where a carrier puts it off every other second for a minute. */
  #told: unknown;

  constructor(options: SocketPursuitOptions) {
    this.#options = options;
  }

  /** A socket is lost, and the carrier was not seen to be out of reach. */
  get isWorthwhile(): boolean {
    return this.#timer !== undefined && !this.#hasFailed;
  }

  /** A socket is lost, the call is ours, and the carrier does not answer: another bridge may reach it. */
  get isStranded(): boolean {
    if (this.#timer === undefined || this.#unansweredSinceMs === undefined) return false;
    return performance.now() - this.#unansweredSinceMs >= answersWithinMs;
  }

  /** A socket is lost, and the carrier answers nothing, or that it cannot open another one now. */
  get isPutOff(): boolean {
    return this.#timer !== undefined && (this.#unansweredSinceMs !== undefined || this.#isRefused);
  }

  /** `wasSilent`: nothing came through the socket any more, and its carrier may think that it is sound. */
  begin(wasSilent: boolean): void {
    this.close();
    this.#isThoughtSound = wasSilent;
    this.#isRefused = false;
    this.#hasFailed = false;
    this.#told = undefined;
    this.#dueMs = performance.now() + (wasSilent ? 0 : toldWithinMs);
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#look();
  }

  /** Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unansweredSinceMs = undefined;
  }

  #look(): void {
    if (this.#options.isConnected()) this.close();
    if (this.#timer === undefined || this.#isAsking || performance.now() < this.#dueMs) return;
    this.#isAsking = true;
    void this.#ask().finally(() => {
      this.#isAsking = false;
    });
  }

  /** What is refused or cannot be asked is asked again at the next look. */
  async #ask(): Promise<void> {
    const { log, replaceMedia, restartMedia } = this.#options;
    this.#unansweredSinceMs ??= performance.now();
    try {
      const wasTaken = await (this.#isThoughtSound ? replaceMedia() : restartMedia());
      this.#unansweredSinceMs = undefined;
      this.#isRefused = false;
      this.#hasFailed = !wasTaken;
      if (!wasTaken) return;
      this.#dueMs = performance.now() + (this.#isThoughtSound ? toldWithinMs : againAfterMs);
      this.#isThoughtSound = false;
    } catch (error) {
      this.#dueMs = performance.now() + toldWithinMs;
      const code = error instanceof AppError ? error.code : undefined;
      this.#hasFailed = code === 'CARRIER_UNREACHABLE';
      this.#isRefused = code === 'CARRIER_REFUSED';
      if (this.#isRefused || code === 'CALL_GONE') this.#unansweredSinceMs = undefined;
      log[this.#told === (code ?? error) ? 'debug' : 'warn']({ error }, 'the carrier opens no other media socket yet');
      this.#told = code ?? error;
    }
  }
}
