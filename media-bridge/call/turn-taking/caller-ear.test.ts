// The ear on sounds made by rule: what it takes for a sound, for how loud, and for what kind.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AudioFormat, mulaw8k, pcm16k, pcm24k } from '../../audio/audio-format.ts';
import { encodeMulaw } from '../../audio/mulaw.ts';
import { CallerEar, type HeardFrame } from './caller-ear.ts';

/** A sample at a time of these seconds, from -1 to 1. */
type Wave = (seconds: number) => number;

const vowel =
  (pitchHz: number, harmonics: number): Wave =>
  (at) => {
    let sum = 0;
    for (let n = 1; n <= harmonics; n++) sum += Math.sin(2 * Math.PI * pitchHz * n * at) / Math.sqrt(harmonics);
    return sum;
  };
/** The same in every run; white enough. */
function createNoise(): Wave {
  let seed = 1;
  return () => {
    seed = (seed * 48_271) % 0x7fffffff;
    return seed / 0x3fffffff - 1;
  };
}
const words = vowel(120, 16);
const hum = vowel(120, 2);
const cough = createNoise();
/** Of a quiet room. */
const room = createNoise();

function setUp(format: AudioFormat) {
  const ear = new CallerEar(format);
  const play = (wave: Wave | undefined, ms: number, amplitude = 3_000): readonly HeardFrame[] => {
    const count = (format.sampleRate * ms) / 1_000;
    const samples = Int16Array.from({ length: count }, (_, n) => {
      const at = n / format.sampleRate;
      return Math.round(20 * room(at) + (wave ? amplitude * wave(at) : 0));
    });
    const bytes = format.encoding === 'mulaw' ? Buffer.alloc(count) : Buffer.from(samples.buffer);
    if (format.encoding === 'mulaw') encodeMulaw(samples, bytes);
    const frames: HeardFrame[] = [];
    ear.hear(bytes, (frame) => frames.push(frame));
    return frames;
  };
  /** The room, and a turn of the caller's own. */
  const meet = (voice = words) => {
    play(undefined, 1_000);
    ear.beginSound();
    play(voice, 1_000);
    ear.learnVoice();
    play(undefined, 1_000);
    ear.beginSound();
  };
  return { ear, play, meet };
}

for (const [name, format] of [
  ['mu-law at 8 kHz', mulaw8k],
  ['16 kHz', pcm16k],
  ['24 kHz', pcm24k],
] as const)
  describe(`the ear, on ${name},`, () => {
    it('hears nothing in a quiet room, and a voice within two frames of its beginning', () => {
      const { play } = setUp(format);
      assert.ok(play(undefined, 2_000).every(({ isSound }) => !isSound));
      const frames = play(words, 500);
      assert.ok(frames.slice(1).every(({ isSound }) => isSound));
      assert.equal(frames.at(-1)!.kind, 'speech');
      assert.ok(
        play(undefined, 500)
          .slice(1)
          .every(({ isSound }) => !isSound),
      );
    });

    it('measures nobody by a voice that was there when the line came, and was taken for the room in part', () => {
      const { ear, play } = setUp(format);
      play(words, 400);
      play(undefined, 120);
      ear.beginSound();
      play(words, 800);
      ear.learnVoice();
      play(undefined, 1_000);
      ear.beginSound();
      const { kind, levelDb, isMuffled } = play(vowel(120, 6), 800).at(-1)!;
      assert.deepEqual([kind, levelDb, isMuffled], ['speech', 0, false]);
    });

    it('tells words, hums and coughs of the caller apart', () => {
      for (const [wave, kind] of [
        [words, 'speech'],
        [hum, 'hum'],
        [cough, 'noise'],
      ] as const) {
        const { play, meet } = setUp(format);
        meet();
        assert.equal(play(wave, 400).at(-1)!.kind, kind);
      }
    });

    it('takes what rests for long, or twice, for no hum, as "excuse my" does, and "mm-hm" does not', () => {
      for (const [restsMs, kind] of [
        [[100], 'hum'],
        [[60, 60], 'speech'],
        [[200], 'speech'],
      ] as const) {
        const { play, meet } = setUp(format);
        meet(vowel(120, 4));
        const dark = vowel(120, 3);
        const part: Wave = (at) => dark(at) * Math.min(1, at / 0.04, (0.2 - at) / 0.04);
        let heard = play(part, 200);
        for (const restMs of restsMs) {
          play(undefined, restMs);
          heard = play(part, 200);
        }
        assert.equal(heard.at(-1)!.kind, kind, restsMs.join(' and '));
      }
    });

    it('takes a word with a long "s" in it for words, and measures no voice by its hisses', () => {
      const { ear, play } = setUp(format);
      const hiss = createNoise();
      play(undefined, 1_000);
      ear.beginSound();
      for (let syllable = 0; syllable < 5; syllable++) {
        play(words, 160);
        play(hiss, 120, 6_000);
      }
      ear.learnVoice();
      play(undefined, 1_000);
      ear.beginSound();
      play(words, 200);
      assert.equal(play(hiss, 300, 6_000).at(-1)!.kind, 'speech');
      play(undefined, 1_000);
      ear.beginSound();
      // Of the same voice, a little darker.
      assert.equal(play(vowel(120, 12), 500).at(-1)!.kind, 'speech');
    });

    it("knows how loud a voice is beside the caller's own", () => {
      for (const [amplitude, levelDb] of [
        [3_000, 0],
        [1_000, -9.5],
      ] as const) {
        const { play, meet } = setUp(format);
        meet();
        const heard = play(words, 500, amplitude).at(-1)!;
        assert.ok(Math.abs(heard.levelDb - levelDb) < 1.5, `${heard.levelDb} dB`);
      }
    });

    it('gets used to a street, and to one that swells by 12 dB within two seconds and falls again', () => {
      const { play } = setUp(format);
      const steady = createNoise();
      play(steady, 2_000, 400);
      assert.ok(play(steady, 2_000, 400).every(({ isSound }) => !isSound));
      const [noise, cars] = [createNoise(), createNoise()];
      const swelling: Wave = (at) => (1 - 0.6 * Math.cos((2 * Math.PI * at) / 4)) * noise(at);
      play(cars, 1_000, 400);
      const heard = play(swelling, 8_000, 1_000);
      assert.equal(heard.filter(({ isSound }) => isSound).length, 0);
      assert.equal(play((at) => words(at) + 0.3 * noise(at), 500).at(-1)!.kind, 'speech');
    });

    it('does not hear the wind, which is below a voice', () => {
      const { play } = setUp(format);
      play(undefined, 1_000);
      const rumble: Wave = (at) => Math.sin(2 * Math.PI * 35 * at);
      assert.equal(play(rumble, 1_000, 1_500).filter(({ isSound }) => isSound).length, 0);
    });

    it('takes no knock for a voice, though it rings', () => {
      const { play, meet } = setUp(format);
      meet();
      const knock: Wave = (at) => {
        const since = at % 0.2;
        return since < 0.06 ? Math.sin(2 * Math.PI * 180 * since) * Math.exp(-60 * since) : 0;
      };
      assert.equal(play(knock, 800).at(-1)!.kind, 'noise');
    });

    it('misses the treble of a voice behind a hand, in the noise of a room too', () => {
      const { ear, play } = setUp(format);
      const noise = createNoise();
      const inRoom =
        (voice: Wave): Wave =>
        (at) =>
          voice(at) + 0.25 * noise(at);
      play(noise, 1_000, 750);
      ear.beginSound();
      play(inRoom(words), 1_000);
      ear.learnVoice();
      play(noise, 1_000, 750);
      ear.beginSound();
      assert.ok(play(inRoom(vowel(120, 5)), 500).at(-1)!.isMuffled);
      play(noise, 1_000, 750);
      ear.beginSound();
      assert.ok(!play(inRoom(words), 500).at(-1)!.isMuffled);
    });
  });
