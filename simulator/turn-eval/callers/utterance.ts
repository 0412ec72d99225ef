// One thing that a caller does on the line: its sound, why it is made, and the words in it with the moment each is over.
import type { CallerAct, Span } from '../metrics/wire-record.ts';

export const eventKinds = [
  'question',
  'hesitation',
  'long interruption',
  'short interruption',
  'backchannel',
  'noise',
  'aside',
  'noise in silence',
  'aside in silence',
  'backchannel in silence',
] as const;
export type EventKind = (typeof eventKinds)[number];

export interface Word {
  readonly text: string;
  /** From the beginning of the sound. */
  readonly toMs: number;
}

export interface Utterance {
  readonly kind: EventKind;
  /** What it says, or which noise it is. */
  readonly name: string;
  /** At 16 kHz, at its level on the line. */
  readonly samples: Int16Array;
  readonly words: readonly Word[];
  /** Where there is voice or noise in it; the rest are pauses. */
  readonly voiced: readonly Span[];
}

const actOf: Record<EventKind, CallerAct> = {
  question: 'turn',
  hesitation: 'turn',
  'long interruption': 'interruption',
  'short interruption': 'interruption',
  backchannel: 'backchannel',
  noise: 'tic',
  aside: 'aside',
  'noise in silence': 'tic',
  'aside in silence': 'aside',
  'backchannel in silence': 'backchannel',
};

export const actFor = (kind: EventKind): CallerAct => actOf[kind];

/** Each word takes its share of the letters. */
export function spreadWords(text: string, { fromMs, toMs }: Span): Word[] {
  const words = text.split(' ');
  const letters = words.reduce((sum, word) => sum + word.length, 0);
  let said = 0;
  return words.map((word) => {
    said += word.length;
    return { text: word, toMs: fromMs + ((toMs - fromMs) * said) / letters };
  });
}
