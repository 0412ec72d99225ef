// What was spoken of one reply so far: which words lie where in its audio, and so which of them the caller heard.

interface SpokenPiece {
  readonly text: string;
  ms: number;
  isComplete: boolean;
}

export class SpokenReply {
  readonly #pieces: SpokenPiece[] = [];

  /** All the words whose audio has begun. */
  get text(): string {
    return this.#pieces
      .map(({ text }) => text)
      .join('')
      .trim();
  }

  get ms(): number {
    return this.#pieces.reduce((sum, piece) => sum + piece.ms, 0);
  }

  /** A piece is spoken when the one before it is complete. */
  beginPiece(text: string): void {
    this.completePiece();
    this.#pieces.push({ text, ms: 0, isComplete: false });
  }

  addAudio(ms: number): void {
    const piece = this.#pieces.at(-1);
    if (piece) piece.ms += ms;
  }

  completePiece(): void {
    const piece = this.#pieces.at(-1);
    if (piece) piece.isComplete = true;
  }

  /** The words in the first `heardMs`. Within a piece speech runs evenly enough to go by its length; half words are not counted. */
  cutToHeard(heardMs: number): string {
    let heard = '';
    let leftMs = heardMs;
    for (const piece of this.#pieces) {
      // The session rounds, and its converters hold back a sample or two.
      const isWhole = piece.isComplete && leftMs >= piece.ms - 1;
      if (!isWhole) return (heard + cutWords(piece.text, leftMs / Math.max(1, piece.ms))).trim();
      heard += piece.text;
      leftMs -= piece.ms;
    }
    return heard.trim();
  }
}

/** Scripts without spaces between words are cut at any sign. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\s]/u;

function cutWords(text: string, share: number): string {
  if (share <= 0) return '';
  const cut = text.slice(0, Math.floor(text.length * Math.min(1, share)));
  const next = text[cut.length];
  return next === undefined || unspaced.test(next) ? cut : cut.replace(/\S+$/, '');
}
