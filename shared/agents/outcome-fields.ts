// Of an agent: what is to be known after a call, typed, beside its summary, the caller's satisfaction and the next action.
import { z } from 'zod';
import { explanation, fieldName } from './spoken-words.ts';

const described = { description: explanation };

const outcomeField = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text'), ...described }),
    z.strictObject({ type: z.literal('yes-no'), ...described }),
    z.strictObject({ type: z.literal('date'), ...described }),
    z.strictObject({ type: z.literal('list'), ...described }),
    z
      .strictObject({ type: z.literal('number'), ...described, min: z.number().optional(), max: z.number().optional() })
      .refine(({ min, max }) => min === undefined || max === undefined || min <= max, 'min must not be above max'),
    z.strictObject({ type: z.literal('choice'), ...described, choices: z.array(z.string().min(1)).min(2).max(50) }),
  ],
  'type must be one of text, yes-no, date, list, number, choice',
);

export const outcomeRules = z.strictObject({
  enabled: z.boolean().default(true),
  /** Told to the model that judges, for example what counts as a success. */
  instructions: explanation.optional(),
  fields: z.record(fieldName, outcomeField).default({}),
});

export type OutcomeField = z.output<typeof outcomeField>;
