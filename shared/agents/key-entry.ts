// Of an agent: how keys that the caller presses become one message, and which of them nobody may read.
import { z } from 'zod';
import { explanation, fieldName } from './spoken-words.ts';

const keyQuestion = z.strictObject({
  /** Told to the model: what is asked for. */
  description: explanation.optional(),
  /** Complete with so many, without waiting. */
  digits: z.int().min(1).max(64).optional(),
  /** The digits are in no log, no transcript, no history and no recording. */
  sensitive: z.boolean().default(false),
});

export const keyEntry = z.strictObject({
  /** Keys belong together until there is a pause of this length. */
  pause_seconds: z.number().min(0.5).max(30).default(2),
  end_key: z.enum(['#', '*', 'none']).default('#'),
  max_digits: z.int().min(1).max(64).default(32),
  /** What the agent may ask to have keyed in, by name. */
  questions: z.record(fieldName, keyQuestion).default({}),
});

export type KeyQuestion = z.output<typeof keyQuestion>;
