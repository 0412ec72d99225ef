// Tests of what is read aloud of what a chat model writes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isSpeakable, PlainSpeech } from './plain-speech.ts';

const table: [written: string, spoken: string][] = [
  ['We are **open** today.', 'We are open today.'],
  ['**We are open.** Come in.', 'We are open. Come in.'],
  ['It is *very* nice, and _so_ are you.', 'It is very nice, and so are you.'],
  ['***Now***', 'Now'],
  ['5 * 3 is 15, and the name is take_note.', '5 * 3 is 15, and the name is take_note.'],
  ['# Opening hours\nNine to five.', 'Opening hours\nNine to five.'],
  ['### Hours\n\n- Monday: nine\n- Tuesday: ten', 'Hours\n\nMonday: nine\nTuesday: ten'],
  ['* one\n* two\n  + three', 'one\ntwo\nthree'],
  ['1. Open the door.\n2. Come in.', '1. Open the door.\n2. Come in.'],
  ['> He said so.\n\n---\n\nWell.', 'He said so.\n\n\n\nWell.'],
  ['| Day | From |\n|---|---|\n| Monday | nine |', 'Day , From ,\n\nMonday , nine ,'],
  ['See [our opening hours](https://contoso.com/hours?x=1) first.', 'See our opening hours first.'],
  ['See [**our** page](https://contoso.com).', 'See our page.'],
  ['![A chair](https://contoso.com/chair.png) It is red.', 'A chair It is red.'],
  ['Look at https://www.contoso.com/hours/today?day=1#now. Then call.', 'Look at contoso.com. Then call.'],
  ['(www.contoso.com/a_b)', '(contoso.com)'],
  ['**https://contoso.com**', 'contoso.com'],
  ['Write to help@contoso.com or who@www.example.', 'Write to help@contoso.com or who@www.example.'],
  ['how https works, www too', 'how https works, www too'],
  ['It was founded in 1985[1], they say [sic].', 'It was founded in 1985, they say [sic].'],
  ['Use `npm start` now.\n```\ncode\n```', 'Use npm start now.\n\ncode\n'],
  ['```js\nalert(1)\n```\nSo.', '\nalert(1)\n\nSo.'],
  ['We are open. ## Hours\nNine.', 'We are open. Hours\nNine.'],
  ['Learn C # today, and # 1.', 'Learn C today, and 1.'],
  ['First<br/>second, 5 < 6 > 4', 'First second, 5 < 6 > 4'],
  ['You are number #1 in #chairs and C#.', 'You are number #1 in chairs and C#.'],
  ['Great! 🎉👍🏽 See you 👩‍👩‍👧 soon ☎️🇩🇪.', 'Great!  See you  soon .'],
  ['Minus -5 degrees\n-5 in the night', 'Minus -5 degrees\n-5 in the night'],
  ['1\\. \\*not bold\\*', '1\\. not bold'],
  ['我们**今天**营业，请看 https://contoso.cn/时间。谢谢', '我们今天营业，请看 contoso.cn'],
  ['An open [bracket', 'An open [bracket'],
  [`[${'x'.repeat(400)}`, `[${'x'.repeat(400)}`],
  ['', ''],
];

function speak(written: string, size: number): string {
  const speech = new PlainSpeech();
  let spoken = '';
  for (let at = 0; at < written.length; at += size) spoken += speech.push(written.slice(at, at + size));
  return spoken + speech.flush();
}

describe('plain speech', () => {
  for (const [written, spoken] of table) {
    it(`says ${JSON.stringify(spoken.slice(0, 60))} for ${JSON.stringify(written.slice(0, 60))}, however it is chopped`, () => {
      for (const size of [1, 2, 3, 5, 8, 1000]) assert.equal(speak(written, size), spoken, `in pieces of ${size}`);
    });
  }

  it('holds nothing back that is sure: words are spoken while the next ones are written', () => {
    const speech = new PlainSpeech();
    assert.equal(speech.push('We are open'), 'We are open');
    assert.equal(speech.push(' from **ni'), ' from ni');
    assert.equal(speech.push('ne** to five. '), 'ne to five. ');
    assert.equal(speech.push('我们今天'), '我们今天');
  });

  it('knows what can be said at all', () => {
    for (const text of ['Yes.', '5', '是', 'é']) assert.equal(isSpeakable(text), true, text);
    for (const text of ['', '…', '...', ' — ', '!?', '"']) assert.equal(isSpeakable(text), false, text);
  });
});
