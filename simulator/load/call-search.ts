// Looks for the most calls that are held: twice as many until it is too much, and then by halves.

export interface CallSearchOptions {
  readonly from: number;
  readonly to: number;
  /** How exactly. */
  readonly step: number;
}

export class CallSearch {
  readonly #options: CallSearchOptions;
  #held = 0;
  #tooMany: number | undefined;

  constructor(options: CallSearchOptions) {
    this.#options = options;
  }

  /** The most that were held so far. */
  get held(): number {
    return this.#held;
  }

  /** How many to try next; undefined when it is known. */
  get next(): number | undefined {
    const { from, to, step } = this.#options;
    if (this.#tooMany === undefined) return this.#held >= to ? undefined : Math.min(to, this.#held * 2 || from);
    if (this.#tooMany - this.#held <= step) return undefined;
    return this.#held + Math.max(1, Math.round((this.#tooMany - this.#held) / 2 / step)) * step;
  }

  /** Of so many as were to be tried. */
  tell(isHeld: boolean): void {
    const tried = this.next;
    if (tried === undefined) return;
    if (isHeld) this.#held = tried;
    else this.#tooMany = tried;
  }
}
