// Looks after a stream in which frames may be missing: seldom while they come, every 20 ms while they do not.
import type { SilenceFiller } from './silence-filler.ts';

export class GapWatch {
  readonly #filler: SilenceFiller;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;

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
    clearTimeout(this.#timer);
  }

  #arm(): void {
    this.#timer = setTimeout(this.#look, Math.ceil(this.#filler.tickInMs));
  }
}
