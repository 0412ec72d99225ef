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
  const meet = () => {
    play(undefined, 1_000);
    ear.beginSound();
    play(words, 1_000);
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

    it('gets used to a street', () => {
      const { play } = setUp(format);
      play(createNoise(), 2_000, 400);
      assert.ok(play(createNoise(), 2_000, 400).every(({ isSound }) => !isSound));
    });
  });
