// What was spoken of one reply so far: which words lie where in its audio, and so which of them the caller heard.

/** While a piece is still coming its length is not known: voices take about this long for a letter, or for a sign. */
const msPerCharacter = 60;
const msPerUnspacedCharacter = 200;
/** Scripts without spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** The session's converters hold back a sample or two. */
const endToleranceMs = 1;

interface SpokenPiece {
  readonly text: string;
  receivedMs: number;
  isComplete: boolean;
}

export class SpokenReply {
  readonly #pieces: SpokenPiece[] = [];

  /** The words whose audio has come. */
  get text(): string {
    return this.cutToHeard(Number.POSITIVE_INFINITY);
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

  /** The words in the first `heardMs`. Within a piece speech runs evenly enough to go by its length; half words are not counted. */
  cutToHeard(heardMs: number): string {
    let heard = '';
    let leftMs = heardMs;
    for (const piece of this.#pieces) {
      const { text, receivedMs, isComplete } = piece;
      if (!isComplete || leftMs < receivedMs - endToleranceMs)
        return (heard + cutWords(text, Math.min(leftMs, receivedMs) / guessLengthMs(piece))).trim();
      heard += text;
      leftMs -= receivedMs;
    }
    return heard.trim();
  }
}

function guessLengthMs({ text, receivedMs, isComplete }: SpokenPiece): number {
  if (isComplete) return receivedMs;
  return Math.max(receivedMs, text.trim().length * (unspaced.test(text) ? msPerUnspacedCharacter : msPerCharacter));
}

function cutWords(text: string, share: number): string {
  if (share <= 0) return '';
  const cut = text.slice(0, Math.floor(text.length * Math.min(1, share)));
  const next = text[cut.length];
  return next === undefined || /\s/.test(next) || unspaced.test(next) ? cut : cut.replace(/\S+$/, '');
}
