// Tests of what follows the end of an answer: every way to end with everything there can be of it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import {
  type AnswerContent,
  type AnswerEnding,
  judgeEnding,
  type NextStep,
  readFinishReason,
} from './answer-ending.ts';

it('says what to do after every ending', () => {
  const table: [ending: AnswerEnding, steps: Record<AnswerContent, NextStep>][] = [
    ['stop', { nothing: 'ask-again', words: 'done', tools: 'done' }],
    ['tool_calls', { nothing: 'ask-again', words: 'done', tools: 'done' }],
    ['length', { nothing: 'ask-again', words: 'go-on', tools: 'ask-again' }],
    ['content_filter', { nothing: 'change-subject', words: 'change-subject', tools: 'change-subject' }],
    ['broken', { nothing: 'ask-again', words: 'go-on', tools: 'ask-again' }],
    ['stalled', { nothing: 'ask-again', words: 'go-on', tools: 'ask-again' }],
  ];
  for (const [ending, steps] of table) {
    for (const [content, step] of Object.entries(steps)) {
      assert.equal(judgeEnding(ending, content as AnswerContent), step, `${ending}, ${content}`);
    }
  }
});

it('reads what the service says of its end, and takes what it does not know for a good one', () => {
  const reasons: [string | null | undefined, AnswerEnding | undefined][] = [
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'tool_calls'],
    ['function_call', 'stop'],
    ['something_new', 'stop'],
    [null, undefined],
    [undefined, undefined],
  ];
  for (const [reason, ending] of reasons) assert.equal(readFinishReason(reason), ending, String(reason));
});
