// Of an agent: what it may know of a caller's earlier calls.
import { z } from 'zod';

export const memoryRules = z.strictObject({
  enabled: z.boolean().default(false),
  /** So many of the last calls' summaries are told, and all notes that are open. */
  calls: z.int().min(1).max(20).default(3),
  keep_days: z.int().min(1).max(3_650).default(90),
  /** A call that dropped less long ago is picked up where it ended; 0 for never. */
  resume_within_minutes: z.number().min(0).max(120).default(10),
});
