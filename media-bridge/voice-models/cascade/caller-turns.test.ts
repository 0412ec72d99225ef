// Tests of the caller's turns: what begins one, and that each one ends.
import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock } from 'node:test';
import type { SaidWord } from './agent-speech.ts';
import { CallerTurns, hasSubstance } from './caller-turns.ts';
import { findWords } from './words.ts';

describe('caller turns', () => {
  let events: string[];
  let said: SaidWord[];
  let isAudible: boolean;
  let turns: CallerTurns;
  beforeEach(() => {
    events = [];
    [said, isAudible] = [[], false];
    turns = new CallerTurns({
      agent: {
        get words() {
          return said;
        },
        get isAudible() {
          return isAudible;
        },
      },
      onEvent: (event) => events.push('text' in event ? `${event.type}: ${event.text}` : event.type),
    });
  });

  it('begins a turn with the first real word and ends it with the phrase', () => {
    turns.guess('uh', 500);
    turns.guess('uh what', 500);
    turns.guess('uh what time', 500);
    turns.finish('What time is it?', 500);
    assert.deepEqual(events, ['started', 'guessed: uh what', 'guessed: uh what time', 'finished: What time is it?']);
    assert.equal(turns.isSpeaking, false);
  });

  it('takes a phrase that nobody guessed', () => {
    turns.finish('Yes.', 500);
    assert.deepEqual(events, ['started', 'finished: Yes.']);
  });

  it('ignores an "mhm" while the agent speaks, and answers it in silence', () => {
    isAudible = true;
    turns.finish('Mhm.', 500);
    assert.deepEqual(events, []);
    isAudible = false;
    turns.finish('Mhm.', 500);
    assert.deepEqual(events, ['started', 'finished: Mhm.']);
  });

  it('dismisses sound without words, once', () => {
    turns.dismiss();
    turns.guess('what', 500);
    turns.dismiss();
    turns.dismiss();
    assert.deepEqual(events, ['started', 'guessed: what', 'dismissed']);
  });

  /** Three words a second, the first of them so long ago. */
  function agentSays(text: string, agoMs: number): void {
    isAudible = true;
    const startMs = performance.now() - agoMs;
    said = findWords(text).map(({ word }, index) => ({ word, atMs: startMs + (index * 1000) / 3 }));
  }

  it("begins no turn with the agent's own words that come back over the line, as long as they do", () => {
    const question = 'Would you like Tuesday or Wednesday morning?';
    agentSays(question, 1_000);
    turns.guess('would you', 500);
    turns.guess('would you like tues', 500);
    turns.finish('Would you like Tuesday?', 500);
    agentSays(question, 2_300);
    turns.guess('or wednesday', 500);
    turns.finish('Or Wednesday morning?', 500);
    assert.deepEqual(events, []);
  });

  it('takes a caller who takes up a word of the agent for a caller, at once', () => {
    agentSays('We are closed on Saturday', 1_333 + 1_500);
    turns.guess('saturday', 500);
    turns.finish('Saturday?', 500);
    assert.deepEqual(events, ['started', 'guessed: saturday', 'finished: Saturday?']);
  });

  it('hears the caller behind an echo of the same phrase', () => {
    agentSays('We are open from nine to five.', 1_000);
    turns.guess('we are open', 500);
    turns.guess('we are open from sto', 500);
    assert.deepEqual(events, []);
    turns.guess('we are open from stop please', 500);
    turns.finish('We are open from. Stop, please.', 500);
    assert.deepEqual(events, ['started', 'guessed: stop please', 'finished: Stop, please.']);
  });

  it('makes no turn of punctuation', () => {
    for (const text of ['…', '...', '?', '']) turns.finish(text, 500);
    assert.deepEqual(events, []);
    turns.guess('what', 500);
    turns.finish('.', 500);
    assert.deepEqual(events, ['started', 'guessed: what', 'dismissed']);
  });

  it('ends with the last guess when the phrase is lost, and then ignores the phrase that comes late', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    turns.guess('what time', 500);
    mock.timers.tick(4_999);
    turns.guess('what time is it', 500);
    mock.timers.tick(4_999);
    assert.equal(events.length, 3);
    mock.timers.tick(1);
    turns.finish('What time is it?', 500);
    turns.close();
    mock.timers.tick(10_000);
    mock.timers.reset();
    assert.deepEqual(events.slice(3), ['finished: what time is it']);
  });

  it('knows words of substance', () => {
    for (const text of ['what', 'Stop!', 'uh wait', '5', '是', 'ja']) assert.equal(hasSubstance(text), true, text);
    for (const text of ['', '...', 'uh', 'Uh-huh.', 'mm hmm', 'a']) assert.equal(hasSubstance(text), false, text);
  });
});
