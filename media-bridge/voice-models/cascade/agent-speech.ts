// What the agent is saying: which of its words have left for the caller's ear, and when, as far as can be told on this side of the carrier.
import { guessLengthMs, type SpokenPiece } from '../heard-words.ts';
import { findWords } from './words.ts';

/** What was said longer ago comes back in no echo. */
const rememberedMs = 15_000;

interface PlacedPiece extends SpokenPiece {
  readonly atMs: number;
  receivedMs: number;
  isComplete: boolean;
}

export interface SaidWord {
  readonly word: string;
  /** When it began to sound (performance.now). */
  readonly atMs: number;
}

/** Audio plays as it comes, behind what came before: the carrier lies some 100 ms behind this. */
export class AgentSpeech {
  #pieces: PlacedPiece[] = [];
  /** When the last sound will have been heard if nobody stops it. */
  #endsAtMs = Number.NEGATIVE_INFINITY;
  #makes = false;

  /** Words whose audio follows. */
  begin(text: string): void {
    const now = performance.now();
    this.#pieces = this.#pieces.filter((piece) => piece.atMs + piece.receivedMs > now - rememberedMs);
    this.#pieces.push({ text, atMs: Math.max(this.#endsAtMs, now), receivedMs: 0, isComplete: false });
    this.#makes = true;
  }

  add(ms: number): void {
    this.#endsAtMs = Math.max(this.#endsAtMs, performance.now()) + ms;
    const piece = this.#pieces.at(-1);
    if (piece) piece.receivedMs += ms;
  }

  /** All of the piece's audio came. */
  complete(): void {
    const piece = this.#pieces.at(-1);
    if (piece) piece.isComplete = true;
  }

  /** No more audio is being made. */
  end(): void {
    this.#makes = false;
  }

  /** Whatever has not sounded by now never will. */
  cut(): void {
    this.#makes = false;
    this.#endsAtMs = Math.min(this.#endsAtMs, performance.now());
  }

  /** Between two pieces too. */
  get isAudible(): boolean {
    return this.#makes || performance.now() < this.#endsAtMs;
  }

  /** When it was last heard; now while it is. Minus infinity before its first word. */
  get lastHeardMs(): number {
    return this.isAudible ? performance.now() : this.#endsAtMs;
  }

  /** Those that have begun to sound, oldest first. */
  get words(): readonly SaidWord[] {
    const untilMs = Math.min(performance.now(), this.#endsAtMs);
    return this.#pieces.flatMap((piece) => {
      const msPerCharacter = guessLengthMs(piece) / Math.max(1, piece.text.length);
      return findWords(piece.text)
        .map(({ word, from }) => ({ word, atMs: piece.atMs + from * msPerCharacter }))
        .filter(({ atMs }) => atMs < untilMs);
    });
  }
}
