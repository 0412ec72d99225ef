// Drops from the rest of an answer what was said before it broke off: models that are asked to go on like to begin again.

/** One word in common is a coincidence. */
const leastOverlapWords = 2;

/** Text that goes on after `said`, in pieces of any size: what it repeats of the beginning or the end of `said` is left out. */
export class Continuation {
  readonly #said: readonly string[];
  /** Where in `said` the repetition may have begun. */
  #starts: readonly number[];
  #words = 0;
  #held = '';
  #decided: boolean;
  /** The mark behind a repeated word belongs to it. */
  #trims = false;

  constructor(said: string) {
    this.#said = wordsOf(said);
    this.#starts = this.#said.map((_, index) => index);
    this.#decided = this.#said.length === 0;
  }

  /** What of the text so far is new. */
  push(text: string): string {
    if (this.#decided) return this.#trim(text);
    this.#held += text;
    return this.#compare(false);
  }

  flush(): string {
    return this.#decided ? '' : this.#compare(true);
  }

  #compare(isWhole: boolean): string {
    for (;;) {
      // A word is known to have ended only by what comes after it.
      const words = [...this.#held.matchAll(/[\p{L}\p{N}'’]+/gu)];
      const match = words[this.#words];
      const endsAt = match && match.index + match[0].length;
      if (!match || endsAt === undefined || (endsAt === this.#held.length && !isWhole))
        return isWhole ? this.#let(0) : '';
      const word = simplify(match[0]);
      this.#starts = this.#starts.filter((start) => this.#said[start + this.#words] === word);
      this.#words++;
      if (this.#starts.length === 0) return this.#let(0);
      const isRepeated = this.#starts.some((start) => start + this.#words === this.#said.length);
      if (isRepeated && (this.#words >= leastOverlapWords || this.#words === this.#said.length)) {
        this.#trims = true;
        return this.#let(endsAt);
      }
    }
  }

  #let(from: number): string {
    this.#decided = true;
    const text = this.#held.slice(from);
    this.#held = '';
    return this.#trim(text);
  }

  #trim(text: string): string {
    if (!this.#trims) return text;
    const rest = text.replace(/^[\p{P}\s]+/u, '');
    this.#trims = rest === '';
    return rest;
  }
}

const simplify = (word: string): string => word.toLowerCase().replace(/['’]/g, '');
const wordsOf = (text: string): string[] => (text.match(/[\p{L}\p{N}'’]+/gu) ?? []).map(simplify);
