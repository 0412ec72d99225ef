// Text as it sounds: words without case, marks and apostrophes, and where in the text they stand.

export interface Word {
  readonly word: string;
  /** The place of its first character, and the one behind its last. */
  readonly from: number;
  readonly to: number;
}

/** Signs of scripts that put no space between words are words of their own. */
const pattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}\p{N}'’])+/gu;

export function findWords(text: string): readonly Word[] {
  const found: Word[] = [];
  for (const match of text.matchAll(pattern)) {
    const word = match[0].toLowerCase().replace(/['’]/g, '');
    if (word !== '') found.push({ word, from: match.index, to: match.index + match[0].length });
  }
  return found;
}
