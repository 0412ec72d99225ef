// Whose turn it is while the agent speaks, as a table.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { play, type Scenes, silence } from './testing/turn-scenes.ts';

const table: Scenes = {
  'goes on through "yeah", only softer': [
    {
      sounds: [{ fromMs: 0, toMs: 360 }],
      told: [
        [100, 'started'],
        [880, 'stopped'],
        [1_080, 'final', 'Yeah.'],
      ],
    },
    ['soft 60', 'drop words 1080'],
  ],
  'does not hesitate at a word that dies away': [
    {
      sounds: [
        { fromMs: 0, toMs: 360 },
        { fromMs: 360, toMs: 460, momentDb: -8 },
      ],
      told: [[1_080, 'final', 'Yeah.']],
    },
    ['soft 60', 'drop words 1080'],
  ],
  'hesitates sooner where no service tells words before a turn is over': [
    { sounds: [{ fromMs: 0, toMs: 2_000 }], told: [[100, 'started']], tellsWords: false, lastsMs: 700 },
    ['soft 60', 'paused 360', 'take 600'],
  ],
  'hesitates behind a soft moment of a sentence': [
    {
      sounds: [
        { fromMs: 0, toMs: 360 },
        { fromMs: 360, toMs: 400, momentDb: -8 },
        { fromMs: 400, toMs: 2_000 },
      ],
      told: [
        [100, 'started'],
        [2_500, 'stopped'],
      ],
    },
    ['soft 60', 'paused 420', 'take 600', 'reply 2500'],
  ],
  'hesitates at a long "yeah", goes on when it is over, and knows how long it was silent': [
    {
      sounds: [{ fromMs: 0, toMs: 520 }],
      told: [
        [100, 'started'],
        [1_020, 'stopped'],
        [1_220, 'final', 'Yeah.'],
      ],
    },
    ['soft 60', 'paused 380', 'on 640', 'drop words 1220'],
  ],
  'goes on through a hum of three quarters of a second': [
    {
      sounds: [{ fromMs: 0, toMs: 760, kind: 'hum', isMuffled: true }],
      told: [
        [100, 'started'],
        [1_460, 'stopped'],
        [1_600, 'final', ''],
      ],
    },
    ['soft 60', 'drop hum 1600'],
  ],
  'stops for whoever goes on, and answers at the end': [
    {
      sounds: [{ fromMs: 0, toMs: 1_500 }],
      told: [
        [120, 'started'],
        [2_000, 'stopped'],
      ],
    },
    ['soft 60', 'paused 380', 'take 600', 'reply 2000'],
  ],
  'stops at the word "stop", at once': [
    {
      sounds: [{ fromMs: 0, toMs: 340 }],
      told: [
        [100, 'started'],
        [300, 'words', 'Stop'],
        [840, 'stopped'],
      ],
    },
    ['soft 60', 'take 300', 'reply 840'],
  ],
  'stops late for a short word that is told late': [
    {
      sounds: [{ fromMs: 0, toMs: 340 }],
      told: [
        [100, 'started'],
        [840, 'stopped'],
        [1_040, 'final', 'No.'],
      ],
    },
    ['soft 60', 'take 1040', 'reply 1040'],
  ],
  'goes on through a cough, only softer': [
    {
      sounds: [{ fromMs: 0, toMs: 700, kind: 'noise' }],
      told: [
        [100, 'started'],
        [1_200, 'stopped'],
        [1_400, 'final', ''],
      ],
    },
    ['soft 60', 'drop noise 1400'],
  ],
  'does not mind words from further away': [
    {
      sounds: [{ fromMs: 0, toMs: 1_400, isLoud: false, levelDb: -11 }],
      told: [
        [100, 'started'],
        [1_900, 'stopped'],
        [2_100, 'final', 'Hold on.'],
      ],
    },
    ['drop aside 2100'],
  ],
  'does not mind words behind a hand': [
    {
      sounds: [{ fromMs: 0, toMs: 1_400, kind: 'muffled', isMuffled: true }],
      told: [
        [100, 'started'],
        [600, 'words', 'Not now'],
        [1_900, 'stopped'],
        [2_100, 'final', 'Not now.'],
      ],
    },
    ['soft 60', 'drop aside 2100'],
  ],
  'stops by its own ear where the service is deaf, and has the turn answered': [
    { sounds: [{ fromMs: 0, toMs: 1_600 }] },
    ['soft 60', 'paused 380', 'take 740', 'reply 3100'],
  ],
  'stops by the service where its own ear is deaf': [
    {
      sounds: [{ ...silence, fromMs: 0, toMs: 1_000, momentDb: 0 }],
      told: [
        [100, 'started'],
        [700, 'words', 'I want'],
        [1_500, 'stopped'],
      ],
    },
    ['soft 160', 'paused 480', 'take 700', 'reply 1500'],
  ],
  'takes "yes" into its last words for the answer': [
    {
      sounds: [{ fromMs: 0, toMs: 360 }],
      told: [
        [100, 'started'],
        [880, 'stopped'],
      ],
      agent: { endsAtMs: 600 },
    },
    ['soft 60', 'take 620', 'reply 880'],
  ],
  'does not hesitate where both began at once': [
    {
      sounds: [{ fromMs: 300, toMs: 760 }],
      told: [
        [400, 'started'],
        [1_260, 'stopped'],
        [1_460, 'final', 'Okay.'],
      ],
      agent: { beganMs: 480 },
    },
    ['take 540', 'reply 1260'],
  ],
  'says what must be heard to its end, and answers what was said into it': [
    {
      sounds: [{ fromMs: 0, toMs: 1_500 }],
      told: [
        [100, 'started'],
        [900, 'words', 'Wait'],
        [2_000, 'stopped'],
        [2_200, 'final', 'Wait a moment.'],
      ],
      agent: { guard: 'heard-out' },
    },
    ['soft 60', 'reply 2000'],
  ],
  'takes the word for whoever says goodbye in the midst of it': [
    {
      sounds: [{ fromMs: 0, toMs: 360 }],
      told: [
        [100, 'started'],
        [860, 'stopped'],
        [1_160, 'final', 'Goodbye.'],
      ],
    },
    ['soft 60', 'take 1160', 'reply 1160'],
  ],
  'says goodbye through a goodbye': [
    {
      sounds: [{ fromMs: 0, toMs: 800 }],
      told: [
        [100, 'started'],
        [700, 'words', 'Thanks, bye'],
        [1_300, 'stopped'],
        [1_500, 'final', 'Thanks, bye.'],
      ],
      agent: { guard: 'goodbye' },
    },
    ['soft 60', 'drop words 1500'],
  ],
  'stops its goodbye for a word that takes the word': [
    {
      sounds: [{ fromMs: 0, toMs: 800 }],
      told: [
        [100, 'started'],
        [700, 'words', 'Wait'],
        [1_300, 'stopped'],
      ],
      agent: { guard: 'goodbye' },
    },
    ['soft 60', 'take 700', 'reply 1300'],
  ],
  'stops for every word where the agent takes no backchannels': [
    {
      sounds: [{ fromMs: 0, toMs: 380 }],
      told: [
        [100, 'started'],
        [360, 'words', 'Yeah'],
        [880, 'stopped'],
      ],
      rules: { backchannels: false },
    },
    ['soft 60', 'take 360', 'reply 880'],
  ],
  'waits for the words that the agent wants to hear first': [
    {
      sounds: [{ fromMs: 0, toMs: 1_500 }],
      told: [
        [100, 'started'],
        [500, 'words', 'Tuesday'],
        [1_100, 'words', 'Tuesday morning please'],
        [2_000, 'stopped'],
      ],
      rules: { minimum_words: 3 },
    },
    ['soft 60', 'paused 380', 'soft 660', 'take 1100', 'reply 2000'],
  ],
  'goes on softly for a listener who never ends when it has hesitated for long enough, and then stops': [
    {
      sounds: [{ fromMs: 0, toMs: 1_500 }],
      told: [
        [100, 'started'],
        [500, 'words', 'Yeah'],
        [2_000, 'stopped'],
      ],
    },
    ['soft 60', 'paused 380', 'soft 660', 'take 800', 'reply 2000'],
  ],
  'does not stutter when what it hesitates for turns out to be said behind a hand': [
    {
      sounds: [
        { fromMs: 0, toMs: 460 },
        { fromMs: 460, toMs: 1_000, kind: 'muffled', isMuffled: true },
      ],
      told: [
        [100, 'started'],
        [1_500, 'stopped'],
        [1_700, 'final', 'Close the door'],
      ],
    },
    ['soft 60', 'paused 380', 'soft 660', 'drop aside 1700'],
  ],
  'stops for a short word of a service that tells of a voice only with its words': [
    {
      sounds: [{ fromMs: 0, toMs: 300 }],
      told: [
        [960, 'started'],
        [960, 'final', 'Wait.'],
        [970, 'stopped'],
      ],
    },
    ['soft 60', 'take 960', 'reply 980'],
  ],
  'does not stop for words that only the service makes out, where so little is to be heard of a known voice': [
    {
      sounds: [{ fromMs: 0, toMs: 3_000, isSound: false, isLoud: false, risingMs: 0, momentDb: -12 }],
      told: [
        [1_500, 'started'],
        [1_900, 'words', 'Put it on the'],
        [2_600, 'stopped'],
        [2_980, 'final', 'Put it on the table'],
      ],
    },
    ['drop aside 2980'],
  ],
  'stops for the words of a voice near by, whatever the room does before they are known': [
    {
      sounds: [
        { fromMs: 0, toMs: 300 },
        { fromMs: 1_060, toMs: 1_300, isLoud: false, levelDb: -12 },
      ],
      told: [
        [100, 'started'],
        [1_160, 'words', 'Wait'],
        [1_260, 'stopped'],
      ],
    },
    ['soft 60', 'take 1160', 'reply 1260'],
  ],
  'takes no short word for muffled because of its vowel': [
    {
      sounds: [{ fromMs: 0, toMs: 320, kind: 'muffled', isMuffled: true }],
      told: [
        [100, 'started'],
        [700, 'words', 'No'],
        [860, 'stopped'],
      ],
    },
    ['soft 60', 'take 700', 'reply 860'],
  ],
  'counts who speaks over the voices of the room from there, and goes on through a nod': [
    {
      sounds: [
        { fromMs: 0, toMs: 1_600, isLoud: true, levelDb: -10, momentDb: -10 },
        { fromMs: 1_600, toMs: 2_000 },
        { fromMs: 2_000, toMs: 3_200, levelDb: -4, momentDb: -13 },
      ],
      told: [
        [1_760, 'started'],
        [2_500, 'stopped'],
        [2_700, 'final', 'Yeah.'],
      ],
    },
    ['soft 60', 'paused 1900', 'on 2120', 'drop words 3460'],
  ],
  'stops for whoever goes on speaking over the voices of the room': [
    {
      sounds: [
        { fromMs: 0, toMs: 1_600, isLoud: true, levelDb: -10, momentDb: -10 },
        { fromMs: 1_600, toMs: 3_000 },
      ],
      told: [
        [1_760, 'started'],
        [3_500, 'stopped'],
      ],
    },
    ['soft 60', 'paused 1900', 'take 2120', 'reply 3500'],
  ],
  'is quicker where the agent is eager': [
    {
      sounds: [{ fromMs: 0, toMs: 1_500 }],
      told: [
        [120, 'started'],
        [2_000, 'stopped'],
      ],
      rules: { eagerness: 'high' },
    },
    ['soft 60', 'paused 280', 'take 500', 'reply 2000'],
  ],
};

describe('the bridge, while the agent speaks,', () => {
  for (const [name, [scene, done]] of Object.entries(table)) it(name, () => assert.deepEqual(play(scene), done));
});
