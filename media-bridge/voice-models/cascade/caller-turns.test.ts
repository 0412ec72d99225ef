// Tests of the caller's turns: what begins one, and that each one ends.
import assert from 'node:assert/strict';
import { beforeEach, describe, it, mock } from 'node:test';
import { CallerTurns, hasSubstance } from './caller-turns.ts';

describe('caller turns', () => {
  let events: string[];
  let agentWords: string;
  let turns: CallerTurns;
  beforeEach(() => {
    events = [];
    agentWords = '';
    turns = new CallerTurns({
      agentWords: () => agentWords,
      onEvent: (event) => events.push('text' in event ? `${event.type}: ${event.text}` : event.type),
    });
  });

  it('begins a turn with the first real word and ends it with the phrase', () => {
    turns.guess('uh');
    turns.guess('uh what');
    turns.guess('uh what time');
    turns.finish('What time is it?');
    assert.deepEqual(events, ['started', 'guessed: uh what', 'guessed: uh what time', 'finished: What time is it?']);
    assert.equal(turns.isSpeaking, false);
  });

  it('takes a phrase that nobody guessed', () => {
    turns.finish('Yes.');
    assert.deepEqual(events, ['started', 'finished: Yes.']);
  });

  it('ignores an "mhm" while the agent speaks, and answers it in silence', () => {
    agentWords = 'We are open from nine to five';
    turns.finish('Mhm.');
    assert.deepEqual(events, []);
    agentWords = '';
    turns.finish('Mhm.');
    assert.deepEqual(events, ['started', 'finished: Mhm.']);
  });

  it('dismisses sound without words, once', () => {
    turns.dismiss();
    turns.guess('what');
    turns.dismiss();
    turns.dismiss();
    assert.deepEqual(events, ['started', 'guessed: what', 'dismissed']);
  });

  it("dismisses the agent's own words that come back over the line, but not a caller who takes up a few of them", () => {
    agentWords = 'Would you like Tuesday or Wednesday morning?';
    turns.guess('would you');
    turns.finish('Would you like Tuesday?');
    turns.finish('Wednesday morning.');
    assert.deepEqual(events, ['started', 'guessed: would you', 'dismissed', 'started', 'finished: Wednesday morning.']);
  });

  it('ends with the last guess when the phrase is lost, and then ignores the phrase that comes late', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    turns.guess('what time');
    mock.timers.tick(4_999);
    turns.guess('what time is it');
    mock.timers.tick(4_999);
    assert.equal(events.length, 3);
    mock.timers.tick(1);
    turns.finish('What time is it?');
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
