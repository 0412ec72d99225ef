// What words say about whose turn it is, in the languages that there are lexicons of.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { WordJudge } from './word-evidence.ts';

const table: Record<string, Record<string, readonly string[]>> = {
  'en-US': {
    nothing: ['', ' - '],
    hum: ['Mm-hmm.', 'Uh-huh', 'Hm?'],
    listening: ['Yeah.', 'Oh, okay, right.', 'I see.', 'year', 'Perfect.', 'Makes sense.'],
    farewell: ['Thank you, bye.', 'Okay, have a nice day!'],
    words: ['Saturday', 'my order', 'The chair.'],
    stop: ['Wait', 'no no', 'Sorry, one thing', 'Stopp it', 'But the table'],
  },
  'de-DE': {
    hum: ['Mhm.', 'Äh'],
    listening: ['Ja, genau.', 'Ach so', 'Perfekt'],
    farewell: ['Vielen Dank, tschüss!'],
    words: ['Dienstag'],
    stop: ['Moment mal', 'Nein'],
  },
  'fr-FR': { listening: ["D'accord.", 'Oui, très bien', 'Excellent'], words: ['mardi'], stop: ['Attendez', 'Non'] },
  'es-ES': { listening: ['Sí, claro.', 'Vale', 'Desde luego'], words: ['el martes'], stop: ['Espere', '¿Cómo?'] },
  // There is no lexicon: whatever is said is said to the agent.
  'ja-JP': { words: ['はい', '待って'] },
};

for (const [language, rows] of Object.entries(table))
  it(`tells listeners from those who take the word, in ${language}`, () => {
    const judge = new WordJudge([language]);
    for (const [says, texts] of Object.entries(rows))
      for (const text of texts) assert.equal(judge.judge(text).says, says, text);
  });

it('knows who has not ended a sentence', () => {
  const judge = new WordJudge(['en-US', 'de-DE']);
  for (const text of ['I would like to', 'My order number is', 'Ich wollte und', 'Well…', 'I was -'])
    assert.ok(judge.judge(text).isUnfinished, text);
  for (const text of ['I would like to know.', 'Tuesday', 'What time is it?', ''])
    assert.ok(!judge.judge(text).isUnfinished, text);
});

it('takes the words of all languages that the caller may speak', () => {
  assert.equal(new WordJudge(['en-US', 'es-ES']).judge('Vale, okay').says, 'listening');
});
