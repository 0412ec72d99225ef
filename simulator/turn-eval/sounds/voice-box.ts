// Makes one caller's sounds: words in a voice of his own, hums and coughs, each trimmed, at the wanted length and level.
import type { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { resample } from '../../voice/resample.ts';
import type { Speak } from '../../voice/speech.ts';
import { createHum, type Hum } from './hums.ts';
import { createNoise, type Noise } from './noises.ts';
import { atLevel, Resonance, samplesOf, soundHz } from './tones.ts';
import type { CallerVoice } from './voices.ts';

/** Of a voice on the phone, while it sounds. */
export const voiceDb = -26;
/** Under the loudest sample: what is quieter at either end is no part of the words. */
const audibleDb = -32;
/** And some voices click well before a "w": what is no louder, and followed by stillness, is none either. */
const wordDb = -20;
const leastStillness = samplesOf(80);
/** The engine is asked for lengths in such steps, so that few of them are ever made. */
const stretchStep = 0.05;

/** Trimmed, at the level of voices. */
export async function speakAs(voice: CallerVoice, text: string, speak: Speak, stretch = 1): Promise<Int16Array> {
  const { engine, pitchHz, formants } = voice;
  const wanted = voice.stretch * formants * stretch;
  const spoken = await speak(text, engine, {
    pitchHz: pitchHz === undefined ? undefined : Math.round(pitchHz / formants),
    stretch: Math.round(wanted / stretchStep) * stretchStep,
  });
  return atLevel(trim(resample(spoken, soundHz * formants, soundHz)), voiceDb);
}

/** As long as is wanted, to a few per cent. */
export async function speakFor(voice: CallerVoice, text: string, speak: Speak, ms: number): Promise<Int16Array> {
  const asUsual = await speakAs(voice, text, speak);
  const stretch = ms / lengthMs(asUsual);
  return Math.abs(stretch - 1) < stretchStep / 2 ? asUsual : speakAs(voice, text, speak, stretch);
}

export function hum(voice: CallerVoice, what: Hum, ms: number, random: SeededRandom): Int16Array {
  return atLevel(trim(toSamples(createHum(what, voice.humHz, ms, random))), voiceDb);
}

export function makeNoise(what: Noise, random: SeededRandom): Int16Array {
  return atLevel(trim(toSamples(createNoise(what, random))), voiceDb);
}

/** Turned away, or from behind a hand: nothing is left above 1 kHz, at the level that it had. */
export function muffle(samples: Int16Array): Int16Array {
  const [one, two] = [new Resonance(500, 900), new Resonance(300, 900)];
  return atLevel(
    Float64Array.from(samples, (sample) => two.next(one.next(sample))),
    voiceDb,
  );
}

export function lengthMs(samples: Int16Array): number {
  return (samples.length * 1000) / soundHz;
}

function toSamples(sound: Float64Array): Int16Array {
  return atLevel(sound, voiceDb);
}

function trim(samples: Int16Array): Int16Array {
  const loudest = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
  const least = loudest * 10 ** (audibleDb / 20);
  const isAudible = (sample: number) => Math.abs(sample) > least;
  const loudFrom = samples.findIndex((sample) => Math.abs(sample) > loudest * 10 ** (wordDb / 20));
  let from = samples.findIndex(isAudible);
  let still = 0;
  for (let at = from; at < loudFrom; at++) {
    still = isAudible(samples[at]!) ? 0 : still + 1;
    if (still >= leastStillness) from = at + 1;
  }
  return samples.slice(from, samples.findLastIndex(isAudible) + 1);
}
