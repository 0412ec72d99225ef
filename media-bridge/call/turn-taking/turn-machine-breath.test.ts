// What is one voice with a breath or a click in it, what is two sounds, and what is the agent's own voice come back, as tables.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { play, type Scenes } from './testing/turn-scenes.ts';

const breaths: Scenes = {
  'adds up what is said with a breath in it, while the service hears no end': [
    {
      sounds: [
        { fromMs: 0, toMs: 360 },
        { fromMs: 660, toMs: 1_500 },
      ],
      told: [
        [100, 'started'],
        [2_000, 'stopped'],
      ],
    },
    ['soft 60', 'paused 700', 'take 760', 'reply 2000'],
  ],
  'stops for two short words with a breath between them, before any word of them is known': [
    {
      sounds: [
        { fromMs: 0, toMs: 200 },
        { fromMs: 500, toMs: 820 },
      ],
      told: [
        [100, 'started'],
        [1_320, 'stopped'],
        [1_620, 'final', 'Stop, please.'],
      ],
    },
    ['soft 60', 'paused 540', 'take 760', 'reply 1320'],
  ],
  'adds it up by its own ear where the service tells of a voice only with its words': [
    {
      sounds: [
        { fromMs: 0, toMs: 360 },
        { fromMs: 660, toMs: 1_500 },
      ],
      told: [
        [840, 'started'],
        [840, 'words', 'Actually I need'],
        [2_000, 'stopped'],
      ],
    },
    ['soft 60', 'paused 700', 'take 840', 'reply 2000'],
  ],
  'takes a short first syllable for the beginning of words, which a click is not': [
    {
      sounds: [
        { fromMs: 0, toMs: 120 },
        { fromMs: 300, toMs: 900 },
      ],
      told: [
        [860, 'started'],
        [1_400, 'stopped'],
      ],
    },
    ['soft 60', 'soft 320', 'paused 380', 'take 740', 'reply 1400'],
  ],
  'takes a short first syllable for it where no pitch has been made out in it, as "actually" begins': [
    {
      sounds: [
        { fromMs: 0, toMs: 100, kind: 'noise' },
        { fromMs: 300, toMs: 900 },
      ],
      told: [
        [860, 'started'],
        [1_400, 'stopped'],
      ],
    },
    ['soft 60', 'soft 320', 'paused 380', 'take 740', 'reply 1400'],
  ],
  'begins to count at the voice where there was only a click before it': [
    {
      sounds: [
        { fromMs: 0, toMs: 80, kind: 'noise' },
        { fromMs: 300, toMs: 900 },
      ],
      told: [
        [860, 'started'],
        [1_400, 'stopped'],
      ],
    },
    ['soft 60', 'soft 320', 'paused 660', 'take 880', 'reply 1400'],
  ],
  'goes on at the breath of whoever no service has noticed, and hesitates again behind it': [
    {
      sounds: [
        { fromMs: 0, toMs: 620 },
        { fromMs: 820, toMs: 1_600 },
      ],
      told: [[1_100, 'started']],
      lastsMs: 1_600,
    },
    ['soft 60', 'paused 380', 'on 740', 'paused 840', 'take 1100'],
  ],
  'goes on as soon behind a long nod as behind a short one': [
    {
      sounds: [{ fromMs: 0, toMs: 620 }],
      told: [
        [1_100, 'started'],
        [1_120, 'stopped'],
        [1_300, 'final', 'Yeah.'],
      ],
    },
    ['soft 60', 'paused 380', 'on 740', 'drop words 1300'],
  ],
  'softens at once where a first syllable was taken for a click': [
    {
      sounds: [
        { fromMs: 0, toMs: 40, kind: 'noise' },
        { fromMs: 240, toMs: 900 },
      ],
      told: [
        [860, 'started'],
        [1_400, 'stopped'],
      ],
    },
    ['soft 260', 'paused 600', 'take 860', 'reply 1400'],
  ],
  'takes no first syllable for a click that is hummed, as "my" and "no" begin': [
    {
      sounds: [
        { fromMs: 0, toMs: 120, kind: 'hum' },
        { fromMs: 300, toMs: 900 },
      ],
      told: [
        [860, 'started'],
        [1_400, 'stopped'],
      ],
    },
    ['soft 60', 'soft 320', 'paused 380', 'take 740', 'reply 1400'],
  ],
  'adds up what is said with a longer breath in it, where no words are told yet': [
    {
      sounds: [
        { fromMs: 0, toMs: 300 },
        { fromMs: 900, toMs: 1_700 },
      ],
      told: [
        [100, 'started'],
        [800, 'stopped'],
        [1_000, 'started'],
        [2_200, 'stopped'],
      ],
    },
    ['soft 60', 'paused 940', 'take 1060', 'reply 2200'],
  ],
  'begins to count anew behind a silence that is no breath': [
    {
      sounds: [
        { fromMs: 0, toMs: 300 },
        { fromMs: 1_060, toMs: 1_900 },
      ],
      told: [
        [100, 'started'],
        [800, 'stopped'],
        [1_160, 'started'],
        [2_400, 'stopped'],
      ],
    },
    ['soft 60', 'soft 1100', 'paused 1440', 'take 1660', 'reply 2400'],
  ],
  'begins to count anew where there was only a cough before the breath': [
    {
      sounds: [
        { fromMs: 0, toMs: 360, kind: 'noise' },
        { fromMs: 660, toMs: 1_500 },
      ],
      told: [
        [100, 'started'],
        [2_000, 'stopped'],
      ],
    },
    ['soft 60', 'soft 700', 'paused 1040', 'take 1260', 'reply 2000'],
  ],
};

const echoes: Scenes = {
  'takes what comes back after two of its words for its own voice, if no service hears it': [
    {
      sounds: [0, 1_300, 2_600].map((fromMs) => ({ fromMs, toMs: fromMs + 300 })),
    },
    ['soft 60', 'drop words 1260', 'soft 1360', 'drop words 2560', 'drop words 3860'],
  ],
  'takes nobody who hums now and then for an echo, where the service tells of no hum': [
    {
      sounds: [
        { fromMs: 0, toMs: 300, kind: 'hum' },
        { fromMs: 1_300, toMs: 1_600, kind: 'hum' },
        { fromMs: 4_700, toMs: 6_000 },
      ],
      told: [[5_400, 'started']],
      lastsMs: 6_000,
    },
    ['soft 60', 'drop hum 1260', 'soft 1360', 'drop hum 2560', 'soft 4760', 'paused 5080', 'take 5400'],
  ],
  'softens for whoever speaks right after two hums that the service told nothing of': [
    {
      sounds: [
        { fromMs: 0, toMs: 300, kind: 'hum' },
        { fromMs: 1_300, toMs: 1_600, kind: 'hum' },
        { fromMs: 3_000, toMs: 4_000 },
      ],
      told: [[3_700, 'started']],
    },
    ['soft 60', 'drop hum 1260', 'soft 1360', 'drop hum 2560', 'soft 3060', 'paused 3380', 'take 3700'],
  ],
  'takes nothing for an echo that went on when the agent fell silent, whatever it sounded like for a moment': [
    {
      sounds: [
        { fromMs: 0, toMs: 460 },
        { fromMs: 460, toMs: 480, kind: 'noise' },
        { fromMs: 480, toMs: 540 },
        { fromMs: 720, toMs: 1_700 },
      ],
      told: [[1_000, 'started']],
      lastsMs: 1_200,
    },
    ['soft 60', 'paused 380', 'soft 480', 'paused 500', 'on 660', 'paused 740', 'take 1000'],
  ],
  'takes the voices of the room for no echo of its own': [
    {
      sounds: [
        { fromMs: 0, toMs: 400, levelDb: -10, momentDb: -10 },
        { fromMs: 1_300, toMs: 1_700, levelDb: -10, momentDb: -10 },
        { fromMs: 2_800, toMs: 4_400 },
      ],
    },
    ['soft 60', 'drop aside 1060', 'soft 1360', 'drop aside 2360', 'soft 2860', 'paused 3180', 'take 3540'],
  ],
  'takes a nod and the voices of the room for no echo of one voice': [
    {
      sounds: [
        { fromMs: 0, toMs: 300, isLoud: false, levelDb: -10, momentDb: -10 },
        { fromMs: 1_300, toMs: 1_600 },
        { fromMs: 2_600, toMs: 2_900, isLoud: false, levelDb: -10, momentDb: -10 },
        { fromMs: 3_900, toMs: 5_000 },
      ],
      told: [[4_500, 'started']],
      lastsMs: 5_000,
    },
    ['drop aside 960', 'soft 1360', 'drop words 2560', 'drop aside 3560', 'soft 3960', 'paused 4280', 'take 4500'],
  ],
};

describe('the bridge, while a caller takes breath,', () => {
  for (const [name, [scene, done]] of Object.entries(breaths)) it(name, () => assert.deepEqual(play(scene), done));

  it('has no more of the agent on the line than it needs, for as long as that breath may last', () => {
    const told = [
      [100, 'started'],
      [860, 'stopped'],
    ] as const;
    const done = play({ sounds: [{ fromMs: 0, toMs: 360 }], told, lastsMs: 1_200 }, true);
    assert.deepEqual(done, ['alert 20', 'soft 60', 'alert 480', 'attentive 1060']);
  });
});

describe('the bridge, where its own ear hears what no service does,', () => {
  for (const [name, [scene, done]] of Object.entries(echoes)) it(name, () => assert.deepEqual(play(scene), done));
});
