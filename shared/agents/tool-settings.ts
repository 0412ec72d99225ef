// Of an agent: what its own tools are told once for all of its calls.
import { z } from 'zod';

/** Half a minute of keys. */
const maxPauseMs = 5_000;

export const toolSettings = z.strictObject({
  search_jobs: z
    .strictObject({
      /** So many are told to the model. */
      results: z.int().min(1).max(10).default(3),
    })
    .prefault({}),
  commute: z
    .strictObject({
      travel_mode: z.enum(['driving', 'walking']).default('driving'),
      /** ISO 3166, for places that are said without a country. */
      countries: z.array(z.string().regex(/^[A-Z]{2}$/, 'must be countries of two letters like US')).default([]),
    })
    .prefault({}),
  send_digits: z
    .strictObject({
      /** Between two keys. */
      pause_ms: z.int().min(100).max(maxPauseMs).default(500),
    })
    .prefault({}),
  schedule_callback: z
    .strictObject({
      /** From now. */
      within_days: z.int().min(1).max(365).default(14),
    })
    .prefault({}),
});
