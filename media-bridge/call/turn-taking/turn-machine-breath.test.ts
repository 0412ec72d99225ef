// What is one voice with a breath or a click in it, and what is two sounds, as a table.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { play, type Scenes } from './testing/turn-scenes.ts';

const table: Scenes = {
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
    ['soft 80', 'paused 700', 'take 760', 'reply 2000'],
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
    ['soft 80', 'soft 540', 'paused 560', 'take 760', 'reply 1320'],
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
    ['soft 80', 'paused 700', 'take 840', 'reply 2000'],
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
    ['soft 80', 'soft 320', 'paused 400', 'take 760', 'reply 1400'],
  ],
  'begins to count at the voice where there was only a click before it': [
    {
      sounds: [
        { fromMs: 0, toMs: 120, kind: 'noise' },
        { fromMs: 300, toMs: 900 },
      ],
      told: [
        [860, 'started'],
        [1_400, 'stopped'],
      ],
    },
    ['soft 80', 'soft 360', 'paused 680', 'take 880', 'reply 1400'],
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
    ['soft 80', 'soft 740', 'paused 1060', 'take 1260', 'reply 2000'],
  ],
};

describe('the bridge, while a caller takes breath,', () => {
  for (const [name, [scene, done]] of Object.entries(table)) it(name, () => assert.deepEqual(play(scene), done));
});
