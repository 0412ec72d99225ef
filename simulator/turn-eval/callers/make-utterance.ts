// Makes what a caller does in one event, in his own voice: drawn from the phrases and noises of a half.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { Speak } from '../../voice/speech.ts';
import type { Half } from '../sounds/half.ts';
import { hums } from '../sounds/hums.ts';
import { noises } from '../sounds/noises.ts';
import {
  asides,
  hesitations,
  longInterruptions,
  longQuestions,
  shortInterruptions,
  shortQuestions,
  spokenBackchannels,
} from '../sounds/phrases.ts';
import { amplify, joinSounds, samplesOf } from '../sounds/tones.ts';
import { hum, lengthMs, makeNoise, muffle, speakAs, speakFor } from '../sounds/voice-box.ts';
import type { CallerVoice } from '../sounds/voices.ts';
import { actFor, type EventKind, spreadWords, type Utterance } from './utterance.ts';

/** People's: half of them below 0.43 s, one in twenty above 0.58. */
const backchannelMs = { mean: 430, spread: 90, least: 260, most: 640 };
const longestShortMs = 760;
const leastLongMs = 820;
/** An end-of-turn silence fits into it: a caller who thinks is not done. */
const hesitationMs = [550, 900] as const;
const loudnessDb = 1;
/** Asides are this much below the caller's own voice, or muffled. */
const asideDb = [-14, -8] as const;

export interface Maker {
  readonly voice: CallerVoice;
  readonly half: Half;
  readonly speak: Speak;
  readonly random: SeededRandom;
  readonly backchannelStretch: number;
}

type Draft = Pick<Utterance, 'name' | 'samples'> & Partial<Utterance>;

export async function makeUtterance(kind: EventKind, maker: Maker): Promise<Utterance> {
  const { samples, ...draft } = await draw(kind, maker);
  const all = { fromMs: 0, toMs: lengthMs(samples) };
  const drawn = (maker.random.fraction() * 2 - 1) * loudnessDb;
  const level = actFor(kind) === 'aside' ? 0 : drawn;
  return { kind, words: [], voiced: [all], ...draft, samples: amplify(samples, level) };
}

/** Asks for a reply that is long enough to be interrupted in. */
export async function makeLongQuestion(maker: Maker): Promise<Utterance> {
  const said = await say(maker.random.pick(longQuestions[maker.half]), maker);
  return { kind: 'question', voiced: [{ fromMs: 0, toMs: lengthMs(said.samples) }], ...said };
}

function draw(kind: EventKind, maker: Maker): Promise<Draft> | Draft {
  const { half, random } = maker;
  switch (kind) {
    case 'question':
      return say(random.pick(shortQuestions[half]), maker);
    case 'hesitation':
      return hesitate(maker);
    case 'long interruption':
      return say(random.pick(longInterruptions[half]), maker, { leastMs: leastLongMs });
    case 'short interruption':
      return say(random.pick(shortInterruptions[half]), maker, { mostMs: longestShortMs });
    case 'backchannel':
    case 'backchannel in silence':
      return nod(maker);
    case 'noise':
    case 'noise in silence': {
      const noise = random.pick(noises[half]);
      return { name: noise.name, samples: amplify(makeNoise(noise, random), random.integer(-3, 4)) };
    }
    case 'aside':
    case 'aside in silence':
      return turnAway(maker);
  }
}

interface Lengths {
  readonly leastMs?: number;
  readonly mostMs?: number;
}

async function say(text: string, { voice, speak }: Maker, { leastMs = 0, mostMs = Infinity }: Lengths = {}) {
  let samples = await speakAs(voice, text, speak);
  const ms = lengthMs(samples);
  if (ms < leastMs || ms > mostMs)
    samples = await speakFor(voice, text, speak, Math.max(leastMs, Math.min(mostMs, ms)));
  return { name: text, samples, words: spreadWords(text, { fromMs: 0, toMs: lengthMs(samples) }) };
}

async function hesitate(maker: Maker): Promise<Draft> {
  const { half, random } = maker;
  const { begins, goesOn } = random.pick(hesitations[half]);
  const [before, after] = [await say(begins, maker), await say(goesOn, maker)];
  const pauseMs = hesitationMs[0] + random.fraction() * (hesitationMs[1] - hesitationMs[0]);
  const first = { fromMs: 0, toMs: lengthMs(before.samples) };
  const second = { fromMs: first.toMs + pauseMs, toMs: first.toMs + pauseMs + lengthMs(after.samples) };
  return {
    name: `${begins} … ${goesOn}`,
    samples: joinSounds(before.samples, new Int16Array(samplesOf(pauseMs)), after.samples),
    words: [...before.words, ...spreadWords(goesOn, second)],
    voiced: [first, second],
  };
}

/** Half of them are words, half are hummed. */
async function nod({ half, voice, speak, random, backchannelStretch }: Maker): Promise<Draft> {
  const { mean, spread, least, most } = backchannelMs;
  // Four dice are nearly a bell.
  const bell = [0, 0, 0, 0].reduce((sum) => sum + random.fraction(), 0) - 2;
  const ms = Math.max(least, Math.min(most, mean + spread * bell * 1.7)) * backchannelStretch;
  if (random.chance(0.5)) {
    const what = random.pick(hums[half]);
    const samples = hum(voice, what, ms, random);
    return { name: what.text, samples, words: [{ text: what.text, toMs: lengthMs(samples) }] };
  }
  const text = random.pick(spokenBackchannels[half]);
  const samples = await speakFor(voice, text, speak, ms);
  return { name: text, samples, words: spreadWords(text, { fromMs: 0, toMs: lengthMs(samples) }) };
}

async function turnAway(maker: Maker): Promise<Draft> {
  const { half, random } = maker;
  const said = await say(random.pick(asides[half]), maker);
  const [least, most] = asideDb;
  if (random.chance(0.5)) return { ...said, samples: muffle(said.samples) };
  return { ...said, samples: amplify(said.samples, least - loudnessDb + random.fraction() * (most - least)) };
}
