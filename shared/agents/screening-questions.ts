// Of an agent: the questions it has to ask, whose answers are recorded and may be scored.
import { z } from 'zod';
import { explanation, fieldName } from './spoken-words.ts';

const question = z.strictObject({
  ask: explanation,
  /** What a good answer shows. With it the answer is scored, from 1 to 5. */
  score_by: explanation.optional(),
});

export const screeningQuestions = z.record(fieldName, question).default({});

export type ScreeningQuestion = z.output<typeof question>;
