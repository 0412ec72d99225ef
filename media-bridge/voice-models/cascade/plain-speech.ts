// Makes what a chat model writes fit to be read aloud, while it is being written: without markup, links, web addresses and pictures.

/** What opens and does not close within so many characters is plain text: nobody waits longer for the end of an address. */
const longestMark = 300;
/** Of an address: what stands behind these goes on with something else, or is the address of a link. */
const addressBegins = String.raw`(?<![\p{L}\p{N}@.]|\]\()`;

/** What text may end with that the next characters turn into something else, or into nothing. */
const unfinished = new RegExp(
  [
    // [words](address)
    String.raw`!?\[[^\]\n]{0,${longestMark}}$`,
    String.raw`!?\[[^\]\n]{0,${longestMark}}\](?:\([^)\s]{0,${longestMark}})?$`,
    // https://address, www.address
    String.raw`${addressBegins}(?:https?:\/\/|www\.)\S{0,${longestMark}}$`,
    String.raw`${addressBegins}(?:h|ht|htt|https?:?|https?:\/|w|ww|www)$`,
    // <tag>
    String.raw`<(?:\/?[a-z][^<>\n]{0,${longestMark}}|\/)?$`,
    // emphasis, code, and the beginning of an image
    String.raw`[*_~\x60#!\\]+$`,
    String.raw`(?<=\n[ \t]*)\x60{3}[\w+.-]{0,20}$`,
    // a heading that stands in the line of what comes before it
    String.raw`(?<=\s)#+[ \t]*$`,
    // headings, lists, quotes and rules at the beginning of a line
    String.raw`(?<=\n)[-*+#>•|=_: \t]+$`,
    // half of a character
    String.raw`[\uD800-\uDBFF]$`,
  ].join('|'),
  'iu',
);

const nothing = () => '';

const replacements: readonly (readonly [pattern: RegExp, by: (match: string, group: string) => string])[] = [
  [/!?\[([^\]\n]*)\]\([^)\s]*\)/gu, (_, words) => words],
  // A footnote.
  [/\[\^?\d+\]/gu, nothing],
  [new RegExp(String.raw`${addressBegins}(?:https?:\/\/|www\.)\S+`, 'giu'), toSiteName],
  [/<\/?[a-z][^<>\n]*>/giu, () => ' '],
  [/\\(?=[*_#`~[\]|<>])/gu, nothing],
  [/(?<=\n)[-*_=|: \t]{3,}(?=\n|$)/gu, nothing],
  [/(?<=\n)[ \t]*(?:(?:#+|[-*+>•|])[ \t]+)+/gu, nothing],
  // The cells of a table.
  [/\|/gu, () => ','],
  // 5 * 3 and snake_case stay.
  [/\*{2,}|(?<!\s)\*|\*(?!\s)/gu, nothing],
  [/(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, nothing],
  // The language of a block of code.
  [/(?<=\n[ \t]*)`{3}[\w+.-]{1,20}(?=\n|$)/gu, nothing],
  [/~~|`+/gu, nothing],
  [/(?<=\s)#+[ \t]+/gu, nothing],
  // #1 stays, and C#.
  [/(?<![\p{L}\p{N}&])#+(?=\p{L})/gu, nothing],
  [/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200D\u20E3\uFE0F]/gu, nothing],
];

/** Text in pieces of any size; what comes out, put together, does not depend on how it was chopped. */
export class PlainSpeech {
  #held = '';
  /** What was let go last: patterns look one character back. */
  #before = '\n';

  /** What of the text so far is sure. */
  push(text: string): string {
    this.#held += text;
    const at = (this.#before + this.#held).search(unfinished);
    return this.#let(at < 0 ? this.#held.length : Math.max(0, at - this.#before.length));
  }

  /** The text is complete: what is left. */
  flush(): string {
    return this.#let(this.#held.length);
  }

  #let(length: number): string {
    if (length === 0) return '';
    const raw = this.#held.slice(0, length);
    let text = this.#before + raw;
    for (const [pattern, by] of replacements) {
      // The character before is there to be looked at: it was let go already.
      text = text.replace(pattern, (match: string, ...rest: (string | number)[]) =>
        rest.includes(0) ? match : by(match, String(rest[0])),
      );
    }
    this.#held = this.#held.slice(length);
    this.#before = raw.at(-1)!;
    return text.slice(1);
  }
}

/** Whether anything of it can be said. */
export function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/** A person on the phone says where, not the whole address. */
function toSiteName(address: string): string {
  const [, site = '', rest = ''] =
    /^(?:https?:\/\/)?(?:www\.)?([\p{L}\p{N}.-]*[\p{L}\p{N}])?(.*)$/iu.exec(address) ?? [];
  return site + /[.,;:!?)\]}"'’”»]*$/u.exec(rest)![0];
}
