// Which words of a reply the caller heard: the one answer to it, for the model's memory, for the record and for the next model.

/** A stretch of a reply whose words and audio belong together. */
export interface SpokenPiece {
  readonly text: string;
  readonly receivedMs: number;
  /** No more of its text or audio will come. */
  readonly isComplete: boolean;
}

/** While a piece is still coming its length is not known: voices take about this long for a letter, or for a sign. */
const msPerCharacter = 60;
const msPerUnspacedCharacter = 200;
/** Scripts without spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
/** The session's converters hold back a sample or two. */
const endToleranceMs = 1;

/**
 * The words in the first `heardMs` of the pieces, in the order in which they are spoken. Whole pieces go by their own
 * length; within one speech runs evenly enough to go by its share of time. Half a word is not counted.
 */
export function findHeardWords(pieces: Iterable<SpokenPiece>, heardMs: number): string {
  let heard = '';
  let leftMs = heardMs;
  for (const piece of pieces) {
    const { text, receivedMs, isComplete } = piece;
    if (!isComplete || leftMs < receivedMs - endToleranceMs) {
      return (heard + cutWords(text, Math.min(leftMs, receivedMs) / guessLengthMs(piece))).trim();
    }
    heard += text;
    leftMs -= receivedMs;
  }
  return heard.trim();
}

/** Of its audio, all told. */
export function guessLengthMs({ text, receivedMs, isComplete }: SpokenPiece): number {
  if (isComplete) return receivedMs;
  return Math.max(receivedMs, text.trim().length * (unspaced.test(text) ? msPerUnspacedCharacter : msPerCharacter));
}

function cutWords(text: string, share: number): string {
  if (!(share > 0)) return '';
  const cut = text.slice(0, Math.floor(text.length * Math.min(1, share)));
  const next = text[cut.length];
  return next === undefined || /\s/.test(next) || unspaced.test(next) ? cut : cut.replace(/\S+$/, '');
}
