// How well and how fast services hear: what is assumed of live ones, in one place, each with its spread. Measured figures are few.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import type { EventKind } from '../callers/utterance.ts';

/** From the first sound to the service's word that somebody speaks; louder noise makes it slower, as a higher threshold does. */
const onset = {
  meanMs: 90,
  spreadMs: 45,
  leastMs: 32,
  mostMs: 260,
  noisyMs: 40,
  perThresholdMs: 100,
  usualThreshold: 0.5,
};
/** Detectors look at 32 ms at a time, and the network has a word in it too. */
export const endJitterMs = 60;
/** What is taken for speech: tau-voice's agents stop for 85 to 99 % of these. */
const noticed: Record<EventKind, number> = {
  question: 1,
  hesitation: 1,
  'long interruption': 1,
  'short interruption': 0.99,
  backchannel: 0.97,
  'backchannel in silence': 0.97,
  noise: 0.9,
  'noise in silence': 0.9,
  aside: 0.85,
  'aside in silence': 0.85,
};
/** From the end of a word to its first guess. */
const wordDelayMs = { least: 300, most: 500 };
/** A hum is written down as one, or as nothing. */
const humsUnheard = 0.2;
/** Where the words end a turn: how long after the last of them, if they can be the end; and how often that is judged wrong. */
const wordsEnd = { leastMs: 180, mostMs: 420, judgedWrong: 0.05 };

export function drawOnsetMs(random: SeededRandom, threshold: number, isNoisy: boolean): number {
  const { meanMs, spreadMs, leastMs, mostMs, noisyMs, perThresholdMs, usualThreshold } = onset;
  const bell = [0, 0, 0, 0].reduce((sum) => sum + random.fraction(), 0) - 2;
  const ms = meanMs + spreadMs * bell * 1.7 + (isNoisy ? noisyMs : 0) + perThresholdMs * (threshold - usualThreshold);
  return Math.max(leastMs, Math.min(mostMs, ms));
}

export function drawNoticed(random: SeededRandom, kind: EventKind): boolean {
  return random.chance(noticed[kind]);
}

export function drawWordDelayMs(random: SeededRandom): number {
  return wordDelayMs.least + random.fraction() * (wordDelayMs.most - wordDelayMs.least);
}

export function drawHumHeard(random: SeededRandom): boolean {
  return !random.chance(humsUnheard);
}

/** Undefined: more words are waited for. */
export function drawWordsEndMs(random: SeededRandom, isComplete: boolean): number | undefined {
  const judged = random.chance(wordsEnd.judgedWrong) ? !isComplete : isComplete;
  const ms = wordsEnd.leastMs + random.fraction() * (wordsEnd.mostMs - wordsEnd.leastMs);
  return judged ? ms : undefined;
}

/** What recognition makes of words that it gets wrong. */
const mistaken = ['year', 'the', 'and', 'weight', 'oak', 'light', 'know', 'wide', 'bye', 'shore'];

export function mishear(word: string, random: SeededRandom, wordErrors: number): string {
  // Always drawn, so that another rate changes these words and nothing else.
  const [wrong, other] = [random.fraction() < wordErrors, random.pick(mistaken)];
  return wrong ? other : word;
}
