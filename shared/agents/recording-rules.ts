// Of an agent: whether its calls are recorded, and how the caller is told or asked first.
import { z } from 'zod';
import { spokenWords } from './spoken-words.ts';

export const recordingRules = z.strictObject({
  enabled: z.boolean().default(false),
  /** `announce`: said before it begins. `ask`: nothing is kept before the caller says yes. */
  consent: z.enum(['announce', 'ask']).default('announce'),
  /** How it is said or asked, word for word. English agents have words of their own. */
  consent_words: spokenWords.optional(),
  keep_days: z.int().min(1).max(3_650).default(30),
});
