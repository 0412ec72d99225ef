// Looks after a stream in which frames may be missing: seldom while they come, every 20 ms while they do not.
import type { SilenceFiller } from './silence-filler.ts';

export class GapWatch {
  readonly #filler: SilenceFiller;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `attempt`: does the work while the stream is open. From here on, until it is closed. */
  constructor(filler: SilenceFiller, attempt: (work: () => void) => void) {
    this.#filler = filler;
    this.#look = () => {
      this.#arm();
      attempt(() => filler.tick());
    };
    this.#arm();
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    // Closed before it was ever opened, or when its timer had already struck.
    if (this.#isClosed) return;
    this.#timer = setTimeout(this.#look, Math.ceil(this.#filler.tickInMs));
  }
}
