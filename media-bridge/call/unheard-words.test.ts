// Which words of an interrupted reply are told as not heard.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findUnheardWords } from './unheard-words.ts';

const table: [said: string, heard: string, unheard: string][] = [
  ['We are open from nine to five.', 'We are open', 'from nine to five.'],
  ['We are  open\nfrom nine.', 'We are open', 'from nine.'],
  ['We are open.', 'We are open.', ''],
  ['We are open.', '', 'We are open.'],
  ['', 'We', ''],
  ['Something else.', 'We are', ''],
  ['Grüße 👋 aus Köln', 'Grüße 👋', 'aus Köln'],
];
for (const [said, heard, unheard] of table)
  it(`of "${said.replace('\n', ' ')}" after "${heard}"`, () => assert.equal(findUnheardWords(said, heard), unheard));
