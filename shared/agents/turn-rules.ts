// Of an agent: who decides whose turn it is, and how readily the agent gives up the word.
import { z } from 'zod';
import { spokenWords } from './spoken-words.ts';

/** `model`: the voice model's service stops for every sound it takes for speech. `bridge`: we weigh the sound first. */
export const turnDeciders = ['model', 'bridge'] as const;
export type TurnDecider = (typeof turnDeciders)[number];

export const turnRules = z.strictObject({
  decided_by: z.enum(turnDeciders).default('bridge'),
  /** How soon it stops for whoever speaks into its words. */
  eagerness: z.enum(['low', 'medium', 'high']).default('medium'),
  /** "mm-hm" is listened to and not answered; without it the agent stops for everything that is a word. */
  backchannels: z.boolean().default(true),
  /** So many words before it stops, where the model tells words as they are said; "stop" and its like always count. */
  minimum_words: z.int().min(0).max(5).default(0),
  /** Callers whose backchannels are longer than people's are given more time; without it all have the same. */
  adapts: z.boolean().default(true),
  /** Sentences that it says to their end, whoever speaks: as they stand in its greeting, its messages or its instructions. */
  must_be_heard: z.array(spokenWords).max(10).default([]),
});

export type TurnRules = z.output<typeof turnRules>;
