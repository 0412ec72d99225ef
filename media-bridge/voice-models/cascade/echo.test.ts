// Tests of telling the agent's own words from the caller's.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { SaidWord } from './agent-speech.ts';
import { findCallerStart } from './echo.ts';
import { findWords } from './words.ts';

/** Three words a second, the first of them at 0. */
function say(text: string): readonly SaidWord[] {
  return findWords(text).map(({ word }, index) => ({ word, atMs: (index * 1000) / 3 }));
}

const hours = 'We are open from nine to five, and we are closed on Saturday. Would you like to come?';

const table: [what: string, recognized: string, beganMs: number, caller: string][] = [
  ['a first guess at the echo', 'we are', 300, ''],
  ['the same guess, grown', 'we are open from nine', 300, ''],
  ['a whole sentence of it', 'We are open from 9:00 to 5:00, and we are closed on Saturday.', 300, ''],
  ['an echo from the middle of a sentence', 'closed on', 3_600, ''],
  ['an echo that was misheard here and there', 'We hope and from nine to five', 300, ''],
  ['a caller who asks about a word just said', 'Saturday?', 5_000, 'Saturday?'],
  ['a caller who repeats some words', 'From nine to five?', 2_500, 'From nine to five?'],
  ['a caller who says a word before the agent does', 'Saturday?', 2_000, 'Saturday?'],
  ['a caller who says something else', 'Stop, please.', 2_000, 'Stop, please.'],
  ['a caller who speaks behind the echo, in one phrase', 'we are open from stop please', 300, 'stop please'],
  ['a caller in another order', 'Nine or five?', 2_000, 'Nine or five?'],
  ['a long echo that comes late', 'we are open from nine to five', 2_000, ''],
  ['nothing', '…', 300, '…'],
];

for (const [what, recognized, beganMs, caller] of table) {
  it(`takes from ${what}: "${caller}"`, () => {
    assert.equal(recognized.slice(findCallerStart(recognized, beganMs, say(hours))), caller);
  });
}

it('takes all for the caller where the agent said nothing', () => {
  assert.equal(findCallerStart('Hello?', 300, []), 0);
});
