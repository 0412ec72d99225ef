// Of an agent: whom a call may be handed to, by name. The model sees names and descriptions, never a number.
import { z } from 'zod';
import { openingHours } from './opening-hours.ts';
import { explanation, fieldName } from './spoken-words.ts';

/** Looked at more closely by the carrier that dials it. */
const party = z
  .string('must be text; put it in quotes')
  .regex(
    /^(\+[1-9]\d{6,14}|\d+:\S+)$/,
    'must be a number like "+15550100", or the name of a Teams or ACS user: 8:orgid:…, 28:orgid:…, 8:acs:…',
  );

const transferTarget = z.strictObject({
  /** Told to the model: who this is, and for what. */
  description: explanation.optional(),
  /** Tried in this order. */
  numbers: z.array(party).min(1, 'must have a number').max(10),
  /** Outside of them nobody is rung; without them anybody always is. */
  hours: openingHours.optional(),
  /** `warm`: the person hears what it is about and accepts first. `cold`: the call is handed over at once. */
  handover: z.enum(['warm', 'cold']).default('warm'),
  /** For each number. */
  ring_seconds: z.int().min(5).max(120).default(25),
});

/** A number alone is a target with no more than that. */
export const transferTargets = z
  .record(
    fieldName.or(z.string().regex(/^[a-z0-9][a-z0-9_ -]{0,63}$/i, 'must be a short name in letters and digits')),
    z.preprocess((value) => (typeof value === 'string' ? { numbers: [value] } : value), transferTarget),
  )
  .default({});

export type TransferTarget = z.output<typeof transferTarget>;
