// What was spoken of one reply so far: which words lie where in its audio.
import { findHeardWords } from '../heard-words.ts';

interface Piece {
  text: string;
  receivedMs: number;
  isComplete: boolean;
}

export class SpokenReply {
  readonly #pieces: Piece[] = [];

  /** The words whose audio has come. */
  get text(): string {
    return this.wordsHeard(Number.POSITIVE_INFINITY);
  }

  /** A piece is spoken when the one before it is complete. */
  beginPiece(text: string): void {
    this.#pieces.push({ text, receivedMs: 0, isComplete: false });
  }

  addAudio(ms: number): void {
    const piece = this.#pieces.at(-1);
    if (piece) piece.receivedMs += ms;
  }

  completePiece(): void {
    const piece = this.#pieces.at(-1);
    if (piece) piece.isComplete = true;
  }

  /** The voice broke off: the piece ends with the words whose audio came. Returns those that are still to be spoken. */
  breakOffPiece(): string {
    const piece = this.#pieces.at(-1);
    if (!piece) return '';
    const { text } = piece;
    const said = findHeardWords([piece], piece.receivedMs);
    const at = text.indexOf(said) + said.length;
    piece.text = text.slice(0, at);
    piece.isComplete = true;
    return text.slice(at);
  }

  /** Those in its first `heardMs`. */
  wordsHeard(heardMs: number): string {
    return findHeardWords(this.#pieces, heardMs);
  }
}
