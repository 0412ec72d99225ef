// The caller's words that are not written down yet: of a sound that is not decided, and of a turn whose last words are still to come.
import type { SpokenTurns, Transcript } from '../spoken-turns.ts';

/** Of sounds that were no turns, for words that come late. */
const rememberedIds = 32;

export class HeardTurns {
  readonly #open = new Map<string, Transcript | undefined>();
  /** Of turns that are over. The words of a turn are written down together: until they are there, its sound is kept for the next model. */
  readonly #over = new Map<string, Transcript | undefined>();
  readonly #dropped = new Set<string>();
  /** What a model understood that was lost before it understood the rest: the next one hears all of it again. */
  #lost: readonly Transcript[] = [];
  #lastId: string | undefined;
  readonly #turns: Pick<SpokenTurns, 'transcript'>;

  constructor(turns: Pick<SpokenTurns, 'transcript'>) {
    this.#turns = turns;
  }

  /** The service heard something, and will say what. */
  begin(turnId: string): void {
    this.#lastId = turnId;
    if (!this.#open.has(turnId)) this.#open.set(turnId, undefined);
  }

  /** The caller's: shown as it comes; written down at once where it is not kept here. */
  take(transcript: Transcript): void {
    const { turnId, final } = transcript;
    if (final) this.#lost = [];
    const turns = [this.#open, this.#over].find((found) => found.has(turnId));
    turns?.set(turnId, transcript);
    const isKept = turns !== undefined || this.#dropped.has(turnId);
    if (!isKept || !final) this.#turns.transcript(transcript);
  }

  /** Nothing was heard since. */
  isLast({ turnId }: Transcript): boolean {
    return turnId === this.#lastId;
  }

  /** It belongs to what is not decided, or was no turn. */
  isOpen({ turnId }: Transcript): boolean {
    return this.#open.has(turnId) || this.#dropped.has(turnId);
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
    return findTold(this.#open);
  }

  /** All words there will be are there. */
  get isComplete(): boolean {
    return this.#open.size > 0 && isTold(this.#open);
  }

  /** A turn is over, and some of its words are still to come. */
  get awaitsWords(): boolean {
    return !isTold(this.#over);
  }

  /** A turn is over, and all of its words are there. */
  get isUnderstood(): boolean {
    return this.#over.size > 0 && isTold(this.#over);
  }

  /** It was a turn, and is over. */
  end(): void {
    for (const [turnId, transcript] of this.#open) this.#over.set(turnId, transcript);
    this.#open.clear();
  }

  /** No other model hears what was said until now: what is known of the words of turns that are over is written down, the rest as it comes. */
  settle(): void {
    const told = findTold(this.#over);
    this.#over.clear();
    this.#write(told);
  }

  /** It was a turn, and no other model hears it. */
  release(): void {
    this.end();
    this.settle();
  }

  /** The model that told of it is gone, and what was said is kept for another one. */
  lose(): void {
    this.end();
    this.#lost = [...this.#lost, ...findTold(this.#over)];
    this.#over.clear();
  }

  /** No other model comes. */
  close(): void {
    this.#write(this.#lost);
    this.#lost = [];
    this.release();
  }

  /** It was none. Returns their ids. */
  drop(): readonly string[] {
    const ids = this.ids;
    this.#open.clear();
    for (const id of ids) this.#dropped.add(id);
    while (this.#dropped.size > rememberedIds) this.#dropped.delete(this.#dropped.values().next().value!);
    return ids;
  }

  #write(transcripts: readonly Transcript[]): void {
    for (const transcript of transcripts) if (transcript.final) this.#turns.transcript(transcript);
  }
}

type Turns = ReadonlyMap<string, Transcript | undefined>;

function findTold(turns: Turns): readonly Transcript[] {
  return [...turns.values()].flatMap((transcript) => transcript ?? []);
}

function isTold(turns: Turns): boolean {
  return [...turns.values()].every((transcript) => transcript?.final === true);
}
