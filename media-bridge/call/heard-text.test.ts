// Tests of cutting a transcript to what was heard.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cutToHeard } from './heard-text.ts';

const text = 'We are open from nine to five.';

it('keeps all of what was heard to its end', () => assert.equal(cutToHeard(text, 2000, 2000), text));
it('keeps nothing of what was not heard', () => assert.equal(cutToHeard(text, 0, 2000), ''));
it('cuts at the end of a word', () => assert.equal(cutToHeard(text, 1000, 2000), 'We are open'));
it('does not count half a word', () => assert.equal(cutToHeard('Incomprehensibilities', 1000, 2000), ''));
it('keeps nothing when no audio came', () => assert.equal(cutToHeard(text, 0, 0), ''));
