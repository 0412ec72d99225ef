// What may stand in an agent's file as text: words that are spoken, names that a model or an operator uses.
import { z } from 'zod';

/** A minute of speech. */
const maxSpokenCharacters = 1_000;

/** Said word for word. */
export const spokenWords = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(maxSpokenCharacters, `must have at most ${maxSpokenCharacters} characters: it is spoken`)
  .refine((text) => text === '' || /[\p{L}\p{N}]/u.test(text), 'must have a word');

/** Told to the model, or shown to people. */
export const explanation = z.string().trim().min(1, 'must not be empty').max(2_000);

/** A name that the model says, that templates and the API use. */
export const fieldName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower-case letters, digits and underscores, a letter first');
