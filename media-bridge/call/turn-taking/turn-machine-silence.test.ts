// Whose turn it is while nobody else speaks, as a table.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { play, type Scenes } from './testing/turn-scenes.ts';

const table: Scenes = {
  'answers whoever was speaking when the line came here, though nobody makes out the rest': [
    {
      sounds: [
        { fromMs: 0, toMs: 500, isSound: false, isLoud: false, isRoomKnown: false },
        { fromMs: 600, toMs: 760, kind: 'hum' },
      ],
      told: [
        [100, 'started'],
        [1_800, 'stopped'],
        [2_100, 'final', ''],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 1800', 'reply 1800'],
  ],
  'takes what began when the line had just come for words, since nobody knows what it was': [
    {
      sounds: [
        { fromMs: 0, toMs: 520, isSound: false, isLoud: false, isRoomKnown: false },
        { fromMs: 520, toMs: 1_200, kind: 'noise', isRoomKnown: false },
        { fromMs: 1_200, toMs: 1_440, kind: 'noise' },
      ],
      agent: { endsAtMs: 0 },
    },
    ['drop words 1220'],
  ],
  'leaves the word to whoever has it when the service is lost, and answers once the next one has heard them': [
    {
      sounds: [{ fromMs: 0, toMs: 800 }],
      told: [
        [100, 'started'],
        [700, 'lost'],
        [1_200, 'started'],
        [1_500, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 240', 'reply 1500'],
  ],
  'answers what the next one makes of what was said before, however silent the line is by then': [
    {
      sounds: [{ fromMs: 0, toMs: 4_000, isSound: false, isLoud: false, momentDb: -50 }],
      told: [
        [100, 'lost'],
        [1_000, 'started'],
        [1_200, 'final', 'What are your opening hours?'],
        [1_300, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 1300', 'reply 1300'],
  ],
  'answers them by itself where the next one takes no notice': [
    {
      sounds: [{ fromMs: 0, toMs: 800 }],
      told: [
        [100, 'started'],
        [700, 'lost'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 240', 'reply 2300'],
  ],
  'answers a turn in silence as soon as the service says that it is over': [
    {
      sounds: [{ fromMs: 0, toMs: 900 }],
      told: [
        [100, 'started'],
        [1_400, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 240', 'reply 1400'],
  ],
  'answers no cough in silence': [
    {
      sounds: [{ fromMs: 0, toMs: 500, kind: 'noise' }],
      told: [
        [100, 'started'],
        [1_000, 'stopped'],
        [1_200, 'final', ''],
      ],
      agent: { endsAtMs: 0 },
    },
    ['drop noise 1200'],
  ],
  'answers no hum in silence': [
    {
      sounds: [{ fromMs: 0, toMs: 400, kind: 'hum' }],
      told: [
        [100, 'started'],
        [900, 'stopped'],
        [1_100, 'final', 'Mm-hmm.'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['drop hum 1100'],
  ],
  'answers one word in silence when it is known to be one': [
    {
      sounds: [{ fromMs: 0, toMs: 200 }],
      told: [
        [100, 'started'],
        [700, 'stopped'],
        [900, 'final', 'No.'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 900', 'reply 900'],
  ],
  'waits for more behind a word that ends no sentence, and then answers': [
    {
      sounds: [{ fromMs: 0, toMs: 900 }],
      told: [
        [100, 'started'],
        [1_200, 'words', 'I would like to'],
        [1_400, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 240', 'reply 2200'],
  ],
  'does not answer whoever goes on before they are done': [
    {
      sounds: [
        { fromMs: 0, toMs: 900 },
        { fromMs: 1_700, toMs: 2_500 },
      ],
      told: [
        [100, 'started'],
        [1_200, 'words', 'I would like to'],
        [1_400, 'stopped'],
        [1_800, 'started'],
        [2_400, 'words', 'I would like to order'],
        [3_000, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 240', 'reply 3000'],
  ],
  'waits for more behind such a word too where the turn was taken for one only by its words': [
    {
      sounds: [
        { fromMs: 0, toMs: 900, kind: 'muffled' },
        { fromMs: 1_700, toMs: 2_500 },
      ],
      told: [
        [1_400, 'started'],
        [1_400, 'final', 'We wanted to ask about the'],
        [1_420, 'stopped'],
        [2_100, 'started'],
        [3_000, 'final', 'We wanted to ask about the delivery'],
        [3_020, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
    },
    ['take 1420', 'reply 3020'],
  ],
  'keeps an answer from beginning for whoever goes on, once the service hears it too': [
    {
      sounds: [{ fromMs: 0, toMs: 900 }],
      told: [
        [320, 'started'],
        [1_400, 'stopped'],
      ],
      agent: { endsAtMs: 0, owesReply: true },
    },
    ['take 320', 'reply 1400'],
  ],
  'gives up an answer that has not begun when the words, told late, end no sentence': [
    {
      sounds: [{ fromMs: 0, toMs: 900 }],
      told: [
        [100, 'started'],
        [1_100, 'stopped'],
        [1_400, 'late', 'I am looking for a'],
      ],
      agent: { endsAtMs: 0, owesReply: true },
    },
    ['take 240', 'reply 1100', 'take 1400', 'reply 2200'],
  ],
  'answers at once what is told late and is a sentence': [
    {
      sounds: [{ fromMs: 0, toMs: 900 }],
      told: [
        [100, 'started'],
        [1_100, 'stopped'],
        [1_400, 'late', 'I am looking for a desk.'],
      ],
      agent: { endsAtMs: 0, owesReply: true },
    },
    ['take 240', 'reply 1100'],
  ],
  'goes on with an answer that can be heard, whatever is told late': [
    {
      sounds: [{ fromMs: 0, toMs: 380 }],
      told: [
        [100, 'started'],
        [880, 'stopped'],
        [1_300, 'late', 'And the'],
      ],
      agent: { beganMs: 1_200 },
    },
    ['take 240', 'reply 880'],
  ],
  'has words answered after all that were said too softly, once nobody has said more for a while': [
    {
      sounds: [
        { fromMs: 0, toMs: 900, isLoud: false, levelDb: -8 },
        { fromMs: 2_400, toMs: 2_800, kind: 'noise' },
      ],
      told: [
        [100, 'started'],
        [1_400, 'stopped'],
        [1_600, 'final', 'Please take a note.'],
      ],
      agent: { endsAtMs: 0 },
      lastsMs: 9_000,
    },
    ['drop aside 1600', 'drop noise 3460', 'reconsider 4400'],
  ],
  'leaves them to themselves where the caller says something else': [
    {
      sounds: [
        { fromMs: 0, toMs: 900, isLoud: false, levelDb: -8 },
        { fromMs: 3_000, toMs: 3_900 },
      ],
      told: [
        [100, 'started'],
        [1_400, 'stopped'],
        [1_600, 'final', 'Close the door.'],
        [3_100, 'started'],
        [4_400, 'stopped'],
      ],
      agent: { endsAtMs: 0 },
      lastsMs: 9_000,
    },
    ['drop aside 1600', 'take 3240', 'reply 4400'],
  ],
  'and where the agent does': [
    {
      sounds: [{ fromMs: 0, toMs: 900, isLoud: false, levelDb: -8 }],
      told: [
        [100, 'started'],
        [1_400, 'stopped'],
        [1_600, 'final', 'Close the door.'],
      ],
      agent: { beganMs: 3_000, endsAtMs: 4_000 },
      lastsMs: 9_000,
    },
    ['drop aside 1600'],
  ],
  'and where nobody knows what was said': [
    {
      sounds: [{ fromMs: 0, toMs: 900, isLoud: false, levelDb: -8 }],
      told: [
        [100, 'started'],
        [1_400, 'stopped'],
        [1_600, 'final', 'Mm-hmm.'],
      ],
      agent: { endsAtMs: 0 },
      lastsMs: 9_000,
    },
    ['drop hum 1600'],
  ],
  'and where a service makes words of what is no voice, or of what nobody else hears': [
    {
      sounds: [
        { fromMs: 0, toMs: 900, isLoud: false, levelDb: -8, kind: 'noise' },
        { fromMs: 4_000, toMs: 8_000, isSound: false, isLoud: false, risingMs: 0, momentDb: -12 },
      ],
      told: [
        [100, 'started'],
        [1_400, 'stopped'],
        [1_600, 'final', 'Thank you.'],
        [6_000, 'started'],
        [6_900, 'stopped'],
        [7_100, 'final', 'Thank you.'],
      ],
      agent: { endsAtMs: 0 },
      lastsMs: 12_000,
    },
    ['drop words 1600', 'drop words 7100'],
  ],
  'leaves a sound to itself that no service takes for anything': [
    { sounds: [{ fromMs: 0, toMs: 300 }], agent: { endsAtMs: 0 } },
    ['drop words 1260'],
  ],
  'and a long one too: who watches over deaf services sees to that': [
    { sounds: [{ fromMs: 0, toMs: 2_800 }], agent: { endsAtMs: 0 } },
    ['drop words 3760'],
  ],
};

describe('the bridge, while nobody else speaks,', () => {
  for (const [name, [scene, done]] of Object.entries(table)) it(name, () => assert.deepEqual(play(scene), done));
});
