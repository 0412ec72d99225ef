// What is heard behind a caller, all the time: a loop of some seconds, at a level below the voice.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { Speak } from '../../voice/speech.ts';
import type { Half, InHalves } from './half.ts';
import { asides, longQuestions } from './phrases.ts';
import { atLevel, drawNoise, samplesOf } from './tones.ts';
import { speakAs } from './voice-box.ts';
import { callerVoices } from './voices.ts';

export type BackgroundName = 'pink noise' | 'wind' | 'street' | 'people' | 'none';

/** `people` are those of the half, all at once. */
export const backgrounds: InHalves<BackgroundName> = {
  tune: ['pink noise', 'wind', 'people'],
  score: ['street', 'people'],
};

const loopMs = 8_000;

export async function createBackground(
  name: BackgroundName,
  half: Half,
  db: number,
  speak: Speak,
  random: SeededRandom,
): Promise<Int16Array> {
  if (name === 'none') return new Int16Array(samplesOf(loopMs));
  const sound = name === 'people' ? await mixPeople(half, speak, random) : createNoiseLoop(name, random);
  return atLevel(sound, db);
}

function createNoiseLoop(name: 'pink noise' | 'wind' | 'street', random: SeededRandom): Float64Array {
  const out = new Float64Array(samplesOf(loopMs));
  // White noise through three lags: each falls with 3 dB an octave about its own corner, the sum of them over the band of a line.
  let [slow, middle, fast] = [0, 0, 0];
  const gust = name === 'wind' ? drawGusts(out.length, random) : undefined;
  for (let n = 0; n < out.length; n++) {
    const white = drawNoise(random);
    slow = 0.9977 * slow + 0.099 * white;
    middle = 0.963 * middle + 0.2965 * white;
    fast = 0.57 * fast + 1.0527 * white;
    if (name === 'pink noise') out[n] = slow + middle + fast + 0.1848 * white;
    else if (gust) out[n] = (slow + 2 * middle) * gust(n);
    // Lower, and it swells and falls as cars pass by: whole periods in a loop.
    else out[n] = (3 * slow + middle) * (1 + 0.6 * Math.sin((2 * Math.PI * 2 * n) / out.length));
  }
  return out;
}

/** Some 12 dB between a gust and a lull, at no steady pace; whole periods in a loop. */
function drawGusts(length: number, random: SeededRandom): (sample: number) => number {
  const phases = [1, 3, 5].map((periods) => ({ periods, phase: random.fraction() }));
  const swing = (n: number) =>
    phases.reduce((sum, { periods, phase }) => sum + Math.sin(2 * Math.PI * ((periods * n) / length + phase)), 0);
  return (n) => 10 ** ((3 * swing(n)) / 20);
}

async function mixPeople(half: Half, speak: Speak, random: SeededRandom): Promise<Float64Array> {
  const out = new Float64Array(samplesOf(loopMs));
  const texts = [...asides[half], ...longQuestions[half]];
  for (const voice of callerVoices[half]) {
    let at = random.integer(0, out.length);
    for (let said = 0; said < out.length; ) {
      const words = await speakAs(voice, random.pick(texts), speak);
      for (const [n, sample] of words.entries()) out[(at + n) % out.length]! += sample;
      said += words.length + samplesOf(150);
      at += words.length + samplesOf(150);
    }
  }
  return out;
}
