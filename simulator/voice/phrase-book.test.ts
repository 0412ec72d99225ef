// Tests of hearing phrases by their sound.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeG711, encodeG711 } from './g711.ts';
import { openPhraseBook, type PhraseBook } from './phrase-book.ts';
import { resample } from './resample.ts';
import { openSpeech } from './speech.ts';
import { createTone, levelDb } from './tone.ts';

const phrases = [
  'What are your opening hours?',
  'Where are you located?',
  'Please take a note.',
  'What time is it?',
  'Please call me back.',
  'Stop, please.',
  'Goodbye.',
  'Hello.',
  'Yes, please.',
  'No, thank you.',
  'I would like to speak to a person.',
  'Can you help me?',
  'My name is Alice.',
  'My name is Robert.',
  'I am calling about my order.',
  'What is the weather like?',
  'Are you open on Saturday?',
  'Are you open on Sunday?',
  'How much does it cost?',
  'Please repeat that.',
  'Transfer me to sales.',
  'Transfer me to support.',
  'I want to cancel my appointment.',
  'I want to make an appointment.',
  'One two three four.',
  'Five six seven eight.',
  'Tell me a long story.',
  'Wait a moment.',
  'That is all.',
  'Who am I speaking to?',
];
const speech = openSpeech({ cacheFolder: '.data/speech' });
let book: PhraseBook;
before(async () => {
  book = await openPhraseBook(phrases, speech.speak);
});
after(() => speech.close());

function pad(samples: Int16Array, beforeMs: number, afterMs: number): Int16Array {
  const out = new Int16Array(samples.length + (beforeMs + afterMs) * 16);
  out.set(samples, beforeMs * 16);
  return out;
}

function addNoise(samples: Int16Array, snrDb: number): Int16Array {
  let state = 3;
  const peak = 32768 * 10 ** ((levelDb(samples) - snrDb) / 20) * Math.sqrt(3);
  return samples.map((sample) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.max(-32768, Math.min(32767, sample + ((state / 2147483648) * 2 - 1) * peak));
  });
}

const onPhoneLine = (samples: Int16Array) => decodeG711(encodeG711(resample(samples, 16000, 8000), 'mulaw'), 'mulaw');

describe('a phrase book', () => {
  const lines: Record<string, (samples: Int16Array) => readonly [Int16Array, 8000 | 16000 | 24000, least: number]> = {
    'as it was spoken': (s) => [s, 16000, 0.95],
    'at 24 kHz, with silence around': (s) => [resample(pad(s, 700, 500), 16000, 24000), 24000, 0.3],
    'on a mu-law line': (s) => [onPhoneLine(s), 8000, 0.8],
    'an eighth as loud': (s) => [s.map((sample) => sample >> 3), 16000, 0.9],
    'in noise at 20 dB on a mu-law line': (s) => [onPhoneLine(addNoise(pad(s, 200, 500), 20)), 8000, 0.01],
  };
  for (const [line, send] of Object.entries(lines)) {
    it(`tells all phrases apart ${line}`, async () => {
      for (const phrase of phrases) {
        const [samples, sampleRate, least] = send(await speech.speak(phrase));
        const heard = book.recognize(samples, sampleRate);
        assert.equal(heard?.phrase, phrase);
        assert.ok(heard.confidence >= least && heard.confidence <= 1, `${phrase} ${heard.confidence}`);
      }
    });
  }

  it('hears a phrase with a lost frame in it', async () => {
    const samples = Int16Array.from(await speech.speak('I am calling about my order.'));
    samples.fill(0, 8000, 8320);
    assert.equal(book.recognize(samples, 16000)?.phrase, 'I am calling about my order.');
  });

  it('hears nothing in half a phrase', async () => {
    for (const phrase of phrases) {
      const samples = await speech.speak(phrase);
      const half = samples.subarray(0, samples.length * 0.55);
      assert.equal(book.recognize(half, 16000), undefined, phrase);
      assert.equal(book.recognize(samples.subarray(samples.length * 0.45), 16000), undefined, phrase);
    }
  });

  it('hears nothing in sentences it does not know', async () => {
    for (const text of [
      'I have lost my keys in the garden.',
      'The train leaves at noon.',
      'Open the window.',
      'What are your favourite colours?',
      'Where were you last night?',
      'Purple elephants.',
    ]) {
      assert.equal(book.recognize(await speech.speak(text), 16000), undefined, text);
    }
  });

  it('hears nothing in silence, in tones, in noise, in two phrases at once, in no samples', async () => {
    assert.equal(book.recognize(new Int16Array(16000), 16000), undefined);
    assert.equal(book.recognize(new Int16Array(0), 8000), undefined);
    for (const ms of [300, 600, 1000, 2000]) {
      assert.equal(book.recognize(createTone(440, ms, 24000), 24000), undefined);
      assert.equal(book.recognize(addNoise(createTone(1300, ms, 16000, 1), -60), 16000), undefined);
    }
    const [one, two] = [await speech.speak(phrases[0]!), await speech.speak(phrases[14]!)];
    const mixed = one.map((sample, i) => (sample + (two[i] ?? 0)) / 2);
    assert.equal(book.recognize(mixed, 16000), undefined);
  });
});
