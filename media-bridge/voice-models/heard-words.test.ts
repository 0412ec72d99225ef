// Tests of which words were heard.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findHeardWords, type SpokenPiece } from './heard-words.ts';

const whole = (text: string, receivedMs: number): SpokenPiece => ({ text, receivedMs, isComplete: true });
const coming = (text: string, receivedMs: number): SpokenPiece => ({ text, receivedMs, isComplete: false });

describe('findHeardWords', () => {
  for (const [what, pieces, heardMs, words] of [
    ['all of what was heard to its end', [whole('We are open.', 2000)], 2000, 'We are open.'],
    ['all of what was heard but for a sample', [whole('We are open.', 2000)], 1999.5, 'We are open.'],
    ['none of what was not heard', [whole('We are open.', 2000)], 0, ''],
    ['words up to where the caller was', [whole('We are open from nine to five.', 2000)], 1000, 'We are open'],
    ['no half words', [whole('Incomprehensibilities', 2000)], 1000, ''],
    ['none where no audio came', [coming('We are open.', 0)], 0, ''],
    ['none where no audio came, however long ago', [coming('We are open.', 0)], 500, ''],
    ['pieces in their order', [whole('Yes. ', 1000), whole('We are open today.', 2000)], 2000, 'Yes. We are'],
    ['the speed of speech where more audio comes', [coming('We make furniture for offices.', 700)], 700, 'We make'],
    ['any sign of scripts without spaces', [whole('我们今天营业。', 1400)], 800, '我们今天'],
    ['nothing where there was nothing', [], 500, ''],
  ] as const) {
    it(`counts ${what}`, () => assert.equal(findHeardWords(pieces, heardMs), words));
  }
});
