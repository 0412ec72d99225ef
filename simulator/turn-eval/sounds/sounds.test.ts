// Tests of what callers are made of: two halves that share nothing, lengths and levels as they are meant.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { openSpeech } from '../../voice/speech.ts';
import { levelDb } from '../../voice/tone.ts';
import { hums } from './hums.ts';
import { noises } from './noises.ts';
import * as phrases from './phrases.ts';
import { hum, lengthMs, makeNoise, muffle, speakAs, speakFor, voiceDb } from './voice-box.ts';
import { callerVoices } from './voices.ts';

const speech = openSpeech({ cacheFolder: '.data/speech' });
after(() => speech.close());
const random = () => new SeededRandom(5);

describe('the halves', () => {
  it('share no phrase, no hum, no noise and no recorded speaker', () => {
    const texts = (half: 'tune' | 'score') =>
      Object.values(phrases).flatMap((bank) => bank[half].map((item) => JSON.stringify(item)));
    const names = (half: 'tune' | 'score') => [
      ...texts(half),
      ...hums[half].map(({ text }) => text),
      ...noises[half].map(({ name }) => name),
      ...callerVoices[half].map(({ engine }) => engine),
    ];
    const tuned = new Set(names('tune'));
    assert.deepEqual(
      names('score').filter((name) => tuned.has(name)),
      [],
    );
  });
});

describe('a caller', () => {
  const [voice] = callerVoices.tune;

  it('says a word as long as is wanted, at the level of voices, with nothing before it and after it', async () => {
    const said = await speakFor(voice!, 'Yeah.', speech.speak, 430);
    assert.ok(Math.abs(lengthMs(said) - 430) < 45, `${lengthMs(said)} ms`);
    assert.ok(Math.abs(levelDb(said) - voiceDb) < 0.5);
  });

  it('begins with the word, whatever the engine clicks before it, and with all of an "s"', async () => {
    const man = callerVoices.tune.find(({ engine }) => engine === 'kal16')!;
    const loudAfterMs = async (text: string) => {
      const said = await speakAs(man, text, speech.speak);
      const loudest = said.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
      return lengthMs(
        said.slice(
          0,
          said.findIndex((sample) => Math.abs(sample) > loudest / 10),
        ),
      );
    };
    const [wait, sorry] = [await loudAfterMs('Wait.'), await loudAfterMs('Sorry?')];
    assert.ok(wait < 60, `${wait} ms`);
    assert.ok(sorry > 30, `${sorry} ms`);
  });

  it('hums and coughs, the same for the same seed', () => {
    for (const what of [...hums.tune, ...hums.score]) {
      const hummed = hum(voice!, what, 430, random());
      assert.ok(Math.abs(lengthMs(hummed) - 430) < 40, `${what.text} ${lengthMs(hummed)} ms`);
      assert.deepEqual(hum(voice!, what, 430, random()), hummed);
    }
    for (const what of [...noises.tune, ...noises.score]) {
      const noise = makeNoise(what, random());
      assert.ok(lengthMs(noise) > 150 && lengthMs(noise) < 900, `${what.name} ${lengthMs(noise)} ms`);
      assert.ok(Math.abs(levelDb(noise) - voiceDb) < 1);
    }
  });

  it('who turns away loses the treble, not the level', async () => {
    const said = await speakFor(voice!, 'Can you close the door?', speech.speak, 1_200);
    const muffled = muffle(said);
    const rises = (samples: Int16Array) => samples.map((sample, n) => (n === 0 ? 0 : (sample - samples[n - 1]!) / 2));
    const trebleDb = (samples: Int16Array) => levelDb(rises(rises(samples.map((sample) => sample * 4))));
    assert.ok(Math.abs(levelDb(muffled) - levelDb(said)) < 0.5);
    assert.ok(trebleDb(said) - trebleDb(muffled) > 6, `${trebleDb(said)} ${trebleDb(muffled)}`);
  });
});
