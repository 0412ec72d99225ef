// Tests of the voice of simulated people.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { openSpeech, type VoiceName } from './speech.ts';
import { levelDb } from './tone.ts';

describe('speech', async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'parley-speech-test-'));
  after(() => rm(cacheFolder, { recursive: true }));

  it('says the same text with the same samples, one voice unlike the other', async () => {
    const speech = openSpeech();
    const [first, again, other] = await Promise.all([
      speech.speak('Good morning.'),
      speech.speak('  Good\nmorning. '),
      speech.speak('Good morning.', 'rms'),
    ]);
    assert.equal(first, again);
    assert.ok(first.length > 8000 && first.length < 32000, `${first.length} samples`);
    assert.ok(levelDb(first) > -35);
    assert.notDeepEqual(first, other);
    await speech.close();
  });

  it('says it in another manner: slower, and higher', async () => {
    const speech = openSpeech();
    const [plain, slow, high] = await Promise.all([
      speech.speak('Good morning.'),
      speech.speak('Good morning.', 'slt', { stretch: 1.5 }),
      speech.speak('Good morning.', 'slt', { pitchHz: 240 }),
    ]);
    assert.ok(Math.abs(slow.length / plain.length - 1.5) < 0.01);
    assert.equal(high.length, plain.length);
    assert.notDeepEqual(high, plain);
    await speech.close();
  });

  it('keeps what it said on disk for the next run', async () => {
    const one = openSpeech({ cacheFolder });
    const spoken = await one.speak('Thank you.');
    await one.close();
    assert.equal((await readdir(cacheFolder)).length, 1);
    // By another path: in this process the sentence is known already.
    const two = openSpeech({ cacheFolder: relative('.', cacheFolder) });
    assert.deepEqual(await two.speak('Thank you.'), spoken);
    await two.close();
  });

  it('has nothing to say for no text', async () => {
    assert.equal((await openSpeech().speak(' \n')).length, 0);
  });

  it('refuses voices it has not, and texts beyond any sentence', async () => {
    const speech = openSpeech();
    await assert.rejects(speech.speak('Hello.', 'marin' as VoiceName), /No voice marin/);
    await assert.rejects(speech.speak('a'.repeat(5000)), /at most 4000/);
  });

  it('rejects what it was about to say when it is closed, and whatever comes later', async () => {
    const speech = openSpeech();
    const pending = speech.speak('I was about to say something.');
    await Promise.all([assert.rejects(pending, /closed/), speech.close()]);
    await assert.rejects(speech.speak('Hello.'), /closed/);
    await speech.close();
  });
});
