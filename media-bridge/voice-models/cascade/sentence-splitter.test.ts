// Tests of the sentence splitter: a table of texts, and that the way a text is chopped changes nothing.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SentenceSplitter } from './sentence-splitter.ts';

function split(...chunks: string[]): string[] {
  const splitter = new SentenceSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.flush()];
}

const table: [what: string, pieces: string[]][] = [
  ['one sentence', ['Hello there.']],
  ['two sentences', ['Yes.', ' We open at nine.']],
  ['questions and exclamations', ['Really?', ' Yes!', ' Good.']],
  ['a decimal', ['It costs 3.5 dollars.', ' Is that fine?']],
  ['a thousand', ['1,000 people came.']],
  ['a title', ['Dr. Smith is in.', ' Mrs. Jones is out.']],
  ['an initial', ['Ask for J. Smith.']],
  ['an example', ['Bring a paper, e.g. a passport.']],
  ['an hour in the middle', ['We open at 9 a.m. on Monday.']],
  ['an hour at the end', ['We close at 5 p.m.', ' Anything else?']],
  ['a time with a colon', ['The train leaves at 10:30 sharp.']],
  ['a number sign', ['It is No. 5 on the list.']],
  ['a plain no', ['No.', ' I cannot.']],
  ['an ellipsis that goes on', ['Well... let me see.']],
  ['an ellipsis that ends', ['Well...', ' Let me see.']],
  ['a quotation', ['He said "come in."', ' So we did.']],
  ['a web address', ['See contoso.com for more.']],
  ['a list number', ['1. Open the door.']],
  ['Chinese', ['您好。', '请问您要什么？', '好的！']],
  ['Japanese with quotation marks', ['「はい。」', 'と言いました。']],
  ['a line break', ['First line', '\nSecond line']],
  ['a first clause', ['Thank you very much for waiting,', ' I found your order and it will come on Monday.']],
  ['a short first clause', ['Yes, of course.']],
  ['Chinese clause', ['非常感谢您的耐心等待我已经找到了您的订单它很快就要，', '到了。']],
];

describe('sentence splitter', () => {
  for (const [what, pieces] of table) {
    it(`cuts ${what}`, () => assert.deepEqual(split(pieces.join('')), pieces));
  }

  it('gives the same pieces however the text was chopped', () => {
    const text = table.map(([, pieces]) => pieces.join('')).join(' ');
    const whole = split(text);
    assert.equal(whole.join(''), text);
    for (const size of [1, 2, 3, 7, 50]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      assert.deepEqual(split(...chunks), whole);
    }
  });

  it('hands a sentence over as soon as the next one begins', () => {
    const splitter = new SentenceSplitter();
    assert.deepEqual(splitter.push('We are open.'), []);
    assert.deepEqual(splitter.push(' '), ['We are open.']);
  });

  it('cuts a long sentence at a later clause', () => {
    const long = `Yes. ${'and then we walk on '.repeat(8).trim()}, and so on.`;
    assert.deepEqual(
      split(long).map((piece) => piece.slice(-6)),
      ['Yes.', 'lk on,', 'so on.'],
    );
  });

  it('bounds every piece, with spaces and without', () => {
    for (const text of ['word '.repeat(400), 'x'.repeat(2000), '字'.repeat(2000)]) {
      const pieces = split(text);
      assert.equal(pieces.join(''), text.trimEnd() === text ? text : pieces.join(''));
      assert.ok(pieces.every((piece) => piece.length <= 300));
      assert.ok(pieces.length > 5);
    }
  });

  it('speaks no piece that has neither letter nor digit', () => {
    assert.deepEqual(split('... \n *** \n'), []);
    assert.deepEqual(split('', '   '), []);
  });
});
