// The caller's words that belong to a sound which is not decided yet: kept until it is a turn, or is none.
import type { Transcript } from '../spoken-turns.ts';

/** Of sounds that were no turns, for words that come late. */
const rememberedIds = 32;

export class HeardTurns {
  readonly #open = new Map<string, Transcript | undefined>();
  readonly #dropped = new Set<string>();
  #lastId: string | undefined;

  /** The service heard something, and will say what. */
  begin(turnId: string): void {
    this.#lastId = turnId;
    if (!this.#open.has(turnId)) this.#open.set(turnId, undefined);
  }

  /** True: it is kept here. */
  take(transcript: Transcript): boolean {
    const { turnId } = transcript;
    if (this.#dropped.has(turnId)) return true;
    if (!this.#open.has(turnId)) return false;
    this.#open.set(turnId, transcript);
    return true;
  }

  /** Nothing was heard since. */
  isLast({ turnId }: Transcript): boolean {
    return turnId === this.#lastId;
  }

  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  get text(): string {
    return this.transcripts
      .map(({ text }) => text.trim())
      .filter(Boolean)
      .join(' ');
  }

  /** With the words that were told of each. */
  get transcripts(): readonly Transcript[] {
    return [...this.#open.values()].flatMap((transcript) => transcript ?? []);
  }

  /** All words there will be are there. */
  get isComplete(): boolean {
    return this.#open.size > 0 && [...this.#open.values()].every((transcript) => transcript?.final === true);
  }

  /** It was a turn: what is known of its words, and what comes of them passes through from here on. */
  release(): readonly Transcript[] {
    const kept = this.transcripts;
    this.#open.clear();
    return kept;
  }

  /** It was none. Returns their ids. */
  drop(): readonly string[] {
    const ids = this.ids;
    this.#open.clear();
    for (const id of ids) this.#dropped.add(id);
    while (this.#dropped.size > rememberedIds) this.#dropped.delete(this.#dropped.values().next().value!);
    return ids;
  }
}
