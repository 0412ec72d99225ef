// Tests of how an answer goes on after it broke off: nothing is said twice.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Continuation } from './continuation.ts';

const table: [said: string, rest: string, isNew: string][] = [
  ['', 'We are open.', 'We are open.'],
  ['We are open from nine to five,', ' Monday to Friday.', ' Monday to Friday.'],
  ['We are open from nine to five,', 'We are open from nine to five, Monday to Friday.', 'Monday to Friday.'],
  ['We are open from nine to five,', 'nine to five, Monday to Friday.', 'Monday to Friday.'],
  ['We are open.', 'we are open – and we close at six.', 'and we close at six.'],
  ['We are open.', 'We close at six.', 'We close at six.'],
  ['Yes.', 'Yes. We are.', 'We are.'],
  ['We are open at nine.', 'Nine is early.', 'Nine is early.'],
  ['We are open.', 'We are open.', ''],
  ['We are open at nine.', 'We are', 'We are'],
];

for (const [said, rest, isNew] of table) {
  it(`says "${isNew}" of "${rest}" after "${said}", however it is chopped`, () => {
    for (const size of [1, 3, 7, 100]) {
      const continuation = new Continuation(said);
      let text = '';
      for (let at = 0; at < rest.length; at += size) text += continuation.push(rest.slice(at, at + size));
      assert.equal((text + continuation.flush()).trim(), isNew.trim(), `in pieces of ${size}`);
    }
  });
}
