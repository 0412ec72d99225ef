// Of an agent: what it does when the caller says nothing, and how long a call may last.
import { z } from 'zod';
import { spokenWords } from './spoken-words.ts';

/** Counted from where the caller has *heard* the agent's last word. */
export const silenceLadder = z.strictObject({
  after_seconds: z.number().min(3).max(300).default(12),
  /** How often it asks again before it says goodbye and hangs up; 0 for at once. */
  reprompts: z.int().min(0).max(5).default(2),
  /** Word for word; without them the model finds its own. */
  reprompt: spokenWords.optional(),
  goodbye: spokenWords.optional(),
});

export const longestCall = z
  .strictObject({
    minutes: z.number().min(1).max(240).default(30),
    /** So long before the end the agent is told to come to one. */
    warn_before_seconds: z.int().min(10).max(600).default(60),
    /** Word for word; without it the model finds its own. */
    warning: spokenWords.optional(),
  })
  .refine((limit) => limit.warn_before_seconds < limit.minutes * 60, {
    error: 'must be less than the call itself',
    path: ['warn_before_seconds'],
  });
