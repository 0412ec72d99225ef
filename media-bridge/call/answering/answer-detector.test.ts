// Lets the detector hear greetings, announcements, beeps and noise made for the purpose.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerDetector, type AnswerVerdict } from './answer-detector.ts';

const sampleRate = 16000;

/** Random numbers from -1 to 1, the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

const samplesIn = (ms: number, rate = sampleRate) => Math.round((ms * rate) / 1000);

function silence(ms: number, level = 20): Int16Array {
  const random = createRandom(3);
  return Int16Array.from({ length: samplesIn(ms) }, () => level * random());
}

/** A buzz of gliding pitch with harmonics and some breath, in syllables of 200 ms between which the mouth closes. */
function speech(ms: number, level = 6000, rate = sampleRate): Int16Array {
  const random = createRandom(7);
  let phase = 0;
  return Int16Array.from({ length: samplesIn(ms, rate) }, (_, i) => {
    const atMs = (i * 1000) / rate;
    phase += (2 * Math.PI * (130 + 30 * Math.sin(atMs / 170))) / rate;
    const voice = [1, 2, 3, 4, 5, 7, 9].reduce((sum, n) => sum + Math.sin(n * phase) / Math.sqrt(n), 0);
    const mouth = Math.sin((Math.PI * (atMs % 200)) / 200) ** 0.7 + 0.02;
    return level * mouth * (voice / 3 + 0.1 * random());
  });
}

function tone(hz: number, ms: number, level = 8000): Int16Array {
  return Int16Array.from({ length: samplesIn(ms) }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / sampleRate));
}

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

function mix(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((sample, i) => sample + (b[i] ?? 0));
}

/** In frames as a carrier sends them, till the verdict. */
function listen(sound: Int16Array, rate = sampleRate): { verdict: AnswerVerdict | undefined; atMs: number } {
  const detector = new AnswerDetector({ sampleRate: rate });
  const frame = samplesIn(20, rate);
  for (let at = 0; at < sound.length; at += frame) {
    const verdict = detector.push(sound.subarray(at, at + frame));
    if (verdict) return { verdict, atMs: ((at + frame) * 1000) / rate };
  }
  return { verdict: undefined, atMs: (sound.length * 1000) / rate };
}

describe('a person', () => {
  it('says hello and waits', () => {
    const { verdict, atMs } = listen(join(silence(300), speech(600), silence(3000)));
    assert.equal(verdict, 'person');
    assert.ok(atMs >= 1480 && atMs <= 1560, `at ${atMs} ms`);
  });

  it('may take some seconds to speak, and may pause within the greeting', () => {
    assert.equal(listen(join(silence(2800), speech(400), silence(300), speech(500), silence(2000))).verdict, 'person');
  });

  it('is heard at every rate that a carrier has', () => {
    for (const rate of [8000, 24000]) {
      const quiet = new Int16Array(samplesIn(1000, rate));
      assert.equal(listen(join(quiet, speech(800, 6000, rate), quiet), rate).verdict, 'person');
    }
  });

  it('is heard softly, and over the steady noise of a street', () => {
    assert.equal(listen(join(silence(300), speech(700, 900), silence(2000))).verdict, 'person');
    const street = silence(4000, 900);
    assert.equal(listen(mix(street, join(silence(1200), speech(700), silence(100)))).verdict, 'person');
  });

  it('may greet at length, and then waits for longer', () => {
    const { verdict, atMs } = listen(join(silence(300), speech(2500), silence(4000)));
    assert.equal(verdict, 'person');
    assert.ok(atMs >= 4280 && atMs <= 4360, `at ${atMs} ms`);
  });

  it('may say a second short thing after a long greeting', () => {
    const sound = join(silence(300), speech(2200), silence(900), speech(400), silence(2000));
    assert.equal(listen(sound).verdict, 'person');
  });
});

describe('a machine', () => {
  it('talks on with short gaps', () => {
    const { verdict, atMs } = listen(join(silence(400), speech(1400), silence(350), speech(4000)));
    assert.equal(verdict, 'machine');
    assert.ok(atMs > 3300 && atMs < 3700, `at ${atMs} ms`);
  });

  it('goes on talking after a longer pause', () => {
    assert.equal(listen(join(silence(400), speech(2000), silence(800), speech(3000))).verdict, 'machine');
  });

  it('is told by its beep alone', () => {
    assert.equal(listen(join(silence(1000), tone(1000, 400), silence(1000))).verdict, 'machine');
  });

  it('is told by a beep that follows a short greeting at once', () => {
    const { verdict } = listen(join(silence(300), speech(1000), silence(200), tone(1000, 500), silence(1000)));
    assert.equal(verdict, 'machine');
  });

  it('is told by its words, also when its first words sounded like a greeting', () => {
    const detector = new AnswerDetector({ sampleRate });
    assert.equal(detector.push(join(silence(300), speech(900), silence(900))), 'person');
    assert.equal(detector.hearText('Hello, this is Alex.'), undefined);
    assert.equal(detector.hearText('Please leave a message after the tone.'), 'machine');
    assert.equal(detector.hearText('Please leave a message after the tone.'), undefined);
    assert.equal(detector.verdict, 'machine');
  });
});

describe('nobody knows', () => {
  it('when nobody speaks', () => {
    assert.deepEqual(listen(silence(8000)), { verdict: 'unknown', atMs: 4000 });
    assert.deepEqual(listen(new Int16Array(samplesIn(8000))), { verdict: 'unknown', atMs: 4000 });
  });

  it('when there is steady noise and no voice', () => {
    assert.equal(listen(silence(8000, 5000)).verdict, 'unknown');
  });

  it('when there are only clicks', () => {
    const click = join(speech(40, 20_000), silence(960));
    assert.equal(listen(join(silence(300), click, click, click, click, click, click, click)).verdict, 'unknown');
  });

  it('when noises keep breaking the silence after a long greeting, after seven seconds', () => {
    const click = join(silence(960), speech(40, 20_000));
    const { verdict, atMs } = listen(join(silence(300), speech(2500), click, click, click, click, click));
    assert.deepEqual({ verdict, atMs }, { verdict: 'unknown', atMs: 7000 });
  });
});

describe('the verdict', () => {
  it('is told once, however the sound is cut', () => {
    const sound = join(silence(313), speech(700), silence(2000));
    for (const length of [1, 161, 320, 5000, sound.length]) {
      const detector = new AnswerDetector({ sampleRate });
      const told: unknown[] = [];
      for (let at = 0; at < sound.length; at += length) {
        const verdict = detector.push(sound.subarray(at, at + length));
        if (verdict) told.push(verdict);
      }
      assert.deepEqual(told, ['person']);
    }
  });

  it('stands against a beep and against words of the later conversation', () => {
    const detector = new AnswerDetector({ sampleRate });
    assert.equal(detector.push(join(silence(300), speech(700), silence(900))), 'person');
    assert.equal(detector.push(join(tone(2000, 400), silence(30_000))), undefined);
    assert.equal(detector.hearText('I got your voicemail yesterday.'), undefined);
    assert.equal(detector.verdict, 'person');
  });
});

describe('the beep', () => {
  const hears = (...parts: Int16Array[]) => {
    const detector = new AnswerDetector({ sampleRate });
    detector.push(join(...parts));
    return detector.beepEnded;
  };

  it('is over when silence follows a tone', () => {
    for (const hz of [425, 440, 1000, 1400, 2480]) {
      for (const ms of [155, 163, 500, 2000]) {
        assert.ok(hears(speech(1000), silence(313), tone(hz, ms), silence(160)), `${hz} Hz for ${ms} ms`);
      }
    }
  });

  it('is not over while it sounds', () => {
    const detector = new AnswerDetector({ sampleRate });
    detector.push(join(silence(300), tone(1000, 600)));
    assert.equal(detector.beepEnded, false);
    detector.push(silence(60));
    assert.equal(detector.beepEnded, false);
    detector.push(silence(80));
    assert.equal(detector.beepEnded, true);
  });

  it('is heard through the noise of a line', () => {
    assert.ok(hears(mix(join(silence(400), tone(1000, 300), silence(300)), silence(1000, 240))));
  });

  it('is neither a voice, nor two tones at once, nor noise, nor too short, nor too high or low', () => {
    assert.equal(hears(silence(300), speech(3000), silence(300)), false);
    assert.equal(hears(silence(300), mix(tone(697, 400), tone(1209, 400)), silence(300)), false);
    assert.equal(hears(silence(300), silence(400, 8000), silence(300)), false);
    assert.equal(hears(silence(300), tone(1000, 100), silence(300)), false);
    assert.equal(hears(silence(300), tone(3000, 400), silence(300)), false);
    assert.equal(hears(silence(300), tone(150, 400), silence(300)), false);
    assert.equal(hears(silence(300), tone(300, 700), silence(300)), false);
  });

  it('is no beep when its pitch glides or somebody talks on', () => {
    const glide = Int16Array.from({ length: samplesIn(600) }, (_, i) => {
      const seconds = i / sampleRate;
      return 8000 * Math.sin(2 * Math.PI * (600 * seconds + 1000 * seconds * seconds));
    });
    assert.equal(hears(silence(300), glide, silence(300)), false);
    assert.equal(hears(silence(300), tone(1000, 300), speech(2000)), false);
  });
});
