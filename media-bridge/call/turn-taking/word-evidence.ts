// What the caller's words so far say about whose turn it is; a word that was misheard by a letter still counts. Pure.
import { de } from './lexicons/de.ts';
import { en } from './lexicons/en.ts';
import { es } from './lexicons/es.ts';
import { fr } from './lexicons/fr.ts';
import type { Lexicon } from './lexicons/lexicon.ts';

const lexicons: Readonly<Record<string, Lexicon>> = { de, en, es, fr };

export interface WordEvidence {
  /** `hum`: none but hums; `listening`: none but backchannels; `farewell`: a goodbye; `stop`: one that takes the word. */
  readonly says: 'nothing' | 'hum' | 'listening' | 'farewell' | 'words' | 'stop';
  readonly words: number;
  /** The last of them ends no sentence. */
  readonly isUnfinished: boolean;
}

export const noWords: WordEvidence = Object.freeze({ says: 'nothing', words: 0, isUnfinished: false });

/** One that a recogniser makes of a hum or a breath; of more words it is not the only one. */
const longestMisheardWords = 1;

export class WordJudge {
  readonly #backchannels: WordSet;
  readonly #hums: WordSet;
  readonly #stops: WordSet;
  readonly #farewells: WordSet;
  readonly #unfinished: ReadonlySet<string>;

  /** Tags of BCP 47. What is said in a language without a lexicon is words. */
  constructor(languages: readonly string[]) {
    const known = languages.flatMap((tag) => lexicons[tag.split('-')[0]!.toLowerCase()] ?? []);
    const of = (field: keyof Lexicon) => known.flatMap((lexicon) => lexicon[field]).flatMap(split);
    this.#backchannels = new WordSet(of('backchannels'));
    this.#hums = new WordSet(of('hums'));
    this.#stops = new WordSet(of('stops'));
    this.#farewells = new WordSet(of('farewells'));
    this.#unfinished = new Set(of('unfinished'));
  }

  judge(text: string): WordEvidence {
    const words = split(text);
    if (words.length === 0) return noWords;
    // A dash or three dots is how recognisers write down a voice that hangs in the air.
    const isHanging = /(?:[-–—…]|\.\.\.)\s*$/.test(text);
    // "What time is it?" A full stop says nothing: recognisers write one behind whatever was the last word.
    const isAsked = /\?\s*$/.test(text);
    const isUnfinished = isHanging || (this.#unfinished.has(words.at(-1)!) && !isAsked);
    return { says: this.#name(words), words: words.length, isUnfinished };
  }

  #name(words: readonly string[]): WordEvidence['says'] {
    const isListening = (word: string) => this.#hums.has(word) || this.#backchannels.has(word);
    if (words.every((word) => this.#hums.has(word))) return 'hum';
    if (words.every(isListening)) return 'listening';
    // Exactly, first: "no" is a letter from "so", and "now" no refusal.
    if (words.some((word) => this.#stops.has(word))) return 'stop';
    const isLeaving = (word: string) => this.#farewells.has(word) || isListening(word);
    if (words.every(isLeaving)) return 'farewell';
    if (words.length <= longestMisheardWords && words.every((word) => this.#backchannels.resembles(word)))
      return 'listening';
    return words.some((word) => this.#stops.resembles(word)) ? 'stop' : 'words';
  }
}

/** Words, and those that sound as if they were one of them. */
class WordSet {
  readonly #words: ReadonlySet<string>;

  constructor(words: readonly string[]) {
    this.#words = new Set(words);
  }

  has(word: string): boolean {
    return this.#words.has(word);
  }

  /** One letter is another, missing, or too many; of a word that is long enough to be told from others by the rest. */
  resembles(word: string): boolean {
    for (const known of this.#words)
      if (Math.min(word.length, known.length) >= 4 && isLetterAway(word, known)) return true;
    return false;
  }
}

function split(text: string): string[] {
  return (
    text
      .toLowerCase()
      .replace(/[’']/g, "'")
      .match(/[\p{L}\p{M}\p{N}']+/gu) ?? []
  );
}

function isLetterAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let from = 0;
  while (from < a.length && a[from] === b[from]) from++;
  const restA = a.slice(from);
  const restB = b.slice(from);
  return restA.slice(1) === restB || restB.slice(1) === restA || restA.slice(1) === restB.slice(1);
}
