// Cuts text that is still being written into pieces worth speaking, the first of them as early as it sounds well.

/** The first piece may end at a comma from here on: about 1.5 s of speech, longer than the next piece takes to be made. */
const firstClauseCharacters = 25;
/** A sentence this long is cut at its next clause, so that its audio does not wait for the end. */
const longSentenceCharacters = 160;
/** No piece is longer, whatever the writer does: about 20 s of speech. */
const pieceCharacters = 300;

/** A full stop after these ends no sentence. */
const titles = new Set(
  'dr mr mrs ms prof st sr jr mt gen col sgt capt rev hon vs eg ie cf approx e.g i.e dept'.split(' '),
);
/** After these it ends one only before a capital: "at 5 p.m. Then…", "at 5 p.m. on Monday". */
const oftenLast = new Set('am pm a.m p.m etc inc ltd co corp u.s u.k e.u ave blvd rd ext'.split(' '));
/** After these it ends none before a digit: "No. 5", "No. I cannot." */
const beforeNumber = new Set('no nos fig vol p pp art'.split(' '));

const space = /\s/;
const closer = /["'”’)\]»」』）】]/;
const sentenceEnd = /[.!?…]/;
const wideSentenceEnd = /[。！？｡]/;
const clauseEnd = /[,;:–—]/;
const wideClauseEnd = /[，、；：]/;
const spoken = /[\p{L}\p{N}]/u;

type Boundary = 'none' | 'clause' | 'sentence' | 'before-capital' | 'not-before-digit';

/**
 * The pieces put together are the text, character for character. Every decision looks at single characters only, so it
 * does not matter how the text was chopped on its way here.
 */
export class SentenceSplitter {
  #piece = '';
  #isFirst = true;
  /** The last place in the piece where a clause ended, and where a word did: where to cut when it grows too long. */
  #clauseAt = 0;
  #wordAt = 0;
  /** The piece may end here; the next character that is no space decides. */
  #undecided: { readonly at: number; readonly boundary: Boundary } | undefined;

  push(text: string): string[] {
    const pieces: string[] = [];
    for (const character of text) {
      this.#decide(character, pieces);
      this.#look(character, pieces);
      this.#piece += character;
      if (this.#piece.length >= pieceCharacters)
        this.#cutAt(this.#clauseAt || this.#wordAt || this.#piece.length, pieces);
    }
    return pieces;
  }

  /** The text is complete: what is left. */
  flush(): string[] {
    const pieces: string[] = [];
    this.#cutAt(this.#piece.length, pieces);
    this.#piece = '';
    this.#isFirst = true;
    return pieces;
  }

  #decide(next: string, pieces: string[]): void {
    if (!this.#undecided || space.test(next)) return;
    const { at, boundary } = this.#undecided;
    this.#undecided = undefined;
    const ends = boundary === 'not-before-digit' ? !/\d/.test(next) : /[\p{Lu}\p{Lo}\d]/u.test(next);
    if (ends) this.#cutAt(at, pieces);
  }

  /** `next` is about to follow the piece: does the piece end before it? */
  #look(next: string, pieces: string[]): void {
    const { length } = this.#piece;
    const boundary = next === '\n' ? 'sentence' : findBoundary(this.#piece, next);
    switch (boundary) {
      case 'none':
        break;
      case 'sentence':
        this.#cutAt(length, pieces);
        break;
      case 'clause':
        this.#clauseAt = length;
        if (this.#piece.trimStart().length >= (this.#isFirst ? firstClauseCharacters : longSentenceCharacters))
          this.#cutAt(length, pieces);
        break;
      case 'before-capital':
      case 'not-before-digit':
        this.#undecided = { at: length, boundary };
        break;
      default:
        boundary satisfies never;
    }
    if (space.test(next)) this.#wordAt = this.#piece.length;
  }

  #cutAt(at: number, pieces: string[]): void {
    const piece = this.#piece.slice(0, at);
    if (!spoken.test(piece)) return;
    pieces.push(piece);
    this.#piece = this.#piece.slice(at);
    this.#isFirst = false;
    this.#clauseAt = 0;
    this.#wordAt = 0;
    this.#undecided = undefined;
  }
}

function findBoundary(piece: string, next: string): Boundary {
  let end = piece.length;
  while (end > 0 && closer.test(piece[end - 1]!)) end--;
  const last = piece[end - 1];
  if (last === undefined || closer.test(next)) return 'none';
  // Scripts that put no space between sentences: only another mark of the same kind may still follow.
  if (wideSentenceEnd.test(last)) return wideSentenceEnd.test(next) ? 'none' : 'sentence';
  if (wideClauseEnd.test(last)) return 'clause';
  if (!space.test(next)) return 'none';
  if (clauseEnd.test(last)) return 'clause';
  if (!sentenceEnd.test(last)) return 'none';
  if (last === '!' || last === '?') return 'sentence';
  if (last === '…' || piece[end - 2] === '.') return 'before-capital';
  return judgeFullStop(piece.slice(0, end - 1));
}

function judgeFullStop(before: string): Boundary {
  const word = /[^\s("'“‘]*$/.exec(before)![0];
  const lower = word.toLowerCase();
  // "1. Open the door": the number of a list is no sentence. "J. Smith": an initial is none either.
  if (/^\d{1,2}$/.test(before.trim()) || /^\p{Lu}$/u.test(word)) return 'none';
  if (titles.has(lower)) return 'none';
  if (oftenLast.has(lower)) return 'before-capital';
  if (beforeNumber.has(lower)) return 'not-before-digit';
  return 'sentence';
}
