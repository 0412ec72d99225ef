// Tells the agent's own words that come back over the line from the caller's. Pure.
import type { SaidWord } from './agent-speech.ts';
import { findWords } from './words.ts';

/**
 * From a word of the agent's to the beginning of its echo: the way there and back, more than half a second on some mobile networks.
 * A caller who takes the word up has heard it to its end and thought about it: the "Saturday?" after a "Saturday" begins 0.8 s
 * later than its echo would.
 */
const echoWithinMs = 900;
/** Where a word lies within its sentence is known by its share of the letters only. */
const guessedMs = 200;
/** So many words in the agent's order are no caller's, and may be later. */
const longEchoWords = 6;
const longEchoWithinMs = 2_500;
/** Recognition mishears some of an echo; a run of fewer words has to be the same. */
const leastFuzzyWords = 4;
const leastShare = 2 / 3;
/** In front of a caller's words, fewer are the caller's too. */
const leastMixedWords = 3;
/** How many words of either side one misheard word may stand for: "nine" and "9:00". */
const maxSkip = 2;

/**
 * What of a recognised phrase is the caller's: where in `text` that begins, and 0 when all of it is; the length of the text when it is
 * all echo. `beganMs`: when the phrase did. An echo and the caller may be one phrase; the echo comes first.
 */
export function findCallerStart(text: string, beganMs: number, said: readonly SaidWord[]): number {
  const words = findWords(text);
  let echoed = 0;
  for (const [start, { atMs }] of said.entries()) {
    const lateMs = beganMs - atMs;
    if (lateMs < -guessedMs || lateMs > longEchoWithinMs) continue;
    const run = matchRun(
      words.map(({ word }) => word),
      said,
      start,
    );
    if (lateMs > echoWithinMs && run < longEchoWords) continue;
    echoed = Math.max(echoed, run);
  }
  if (echoed === words.length && echoed > 0) return text.length;
  return echoed < leastMixedWords ? 0 : words[echoed]!.from;
}

/** How many of the words, from the first on, are the agent's from `start` on. */
function matchRun(words: readonly string[], said: readonly SaidWord[], start: number): number {
  let matched = 0;
  let run = 0;
  for (let at = 0, heard = start; at < words.length && heard < said.length; ) {
    const skip = words[at] === said[heard]!.word ? { at: 0, heard: 0 } : findNext(words, at, said, heard);
    if (!skip) break;
    at += skip.at + 1;
    heard += skip.heard + 1;
    matched++;
    // Exactly the same, or long enough to have been misheard here and there.
    if (matched === at || (at >= leastFuzzyWords && matched >= at * leastShare)) run = at;
  }
  return run;
}

/** The nearest place where the two are the same again. */
function findNext(words: readonly string[], at: number, said: readonly SaidWord[], heard: number) {
  for (let skips = 1; skips <= 2 * maxSkip; skips++) {
    for (let skip = Math.max(0, skips - maxSkip); skip <= Math.min(skips, maxSkip); skip++) {
      const other = said[heard + skips - skip];
      if (other && words[at + skip] === other.word) return { at: skip, heard: skips - skip };
    }
  }
  return undefined;
}
