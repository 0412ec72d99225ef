// Tests of what the stand-in models answer to what they hear.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { openSpeech } from '../voice/speech.ts';
import { openBrain } from './brain.ts';
import { receptionistRules } from './receptionist-phrases.ts';

const speech = openSpeech({ cacheFolder: '.data/speech' });
const brain = await openBrain(receptionistRules, speech.speak);
after(() => speech.close());

describe('a brain', () => {
  it('hears every phrase of its rules', async () => {
    for (const { heard } of receptionistRules.phrases) {
      assert.equal(brain.hear(await speech.speak(heard), 16000)?.phrase, heard);
    }
  });

  it('answers what it heard, typed or spoken, and says so when it did not understand', () => {
    const hours = { kind: 'say', text: 'We are open from nine to five, Monday to Friday.' };
    assert.deepEqual(brain.answer('What are your opening hours?'), hours);
    assert.deepEqual(brain.answer(' what are your OPENING hours'), hours);
    const lost = { kind: 'say', text: 'Sorry, I did not understand.' };
    assert.deepEqual(brain.answer(undefined), lost);
    assert.deepEqual(brain.answer('Something else.'), lost);
  });

  it('calls a tool only if it was given one of that name', () => {
    assert.deepEqual(brain.answer('Please call me back.', ['take_note']), {
      kind: 'call',
      name: 'take_note',
      arguments: '{"text":"The caller asks to be called back."}',
      says: '',
      report: 'I have written that down. Somebody will call you back.',
    });
    assert.deepEqual(brain.answer('Please call me back.', ['hang_up']), {
      kind: 'say',
      text: 'I cannot do that for you.',
    });
  });

  it('fills the answer of a tool into what it says', () => {
    assert.equal(brain.report('It is {output.time}.', '{"time":"noon"}'), 'It is noon.');
    assert.equal(brain.report('I got {output}.', 'twelve'), 'I got twelve.');
    assert.equal(brain.report('It is {output.time}.', 'not json'), 'It is .');
  });

  it('says the words it is told to say', () => {
    assert.equal(brain.follow('Say exactly: Welcome to Contoso.'), 'Welcome to Contoso.');
    assert.equal(brain.follow('Say exactly: "Welcome to Contoso."'), 'Welcome to Contoso.');
    assert.equal(brain.follow('Greet the caller with "Good morning!" and wait.'), 'Good morning!');
    assert.equal(brain.follow('Greet the caller.'), 'Hello. How can I help you?');
  });
});
