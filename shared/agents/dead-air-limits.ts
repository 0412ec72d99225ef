// Of an agent: how long a caller waits for it, and what happens then.
import { z } from 'zod';

const seconds = z.number().min(0.5).max(60);

export const deadAirLimits = z
  .strictObject({
    /**
     * Silence after which somebody says "one moment", and again after each such silence: after two seconds people ask whether
     * anybody is there. A model's answer takes one second as a rule.
     */
    filler_after_seconds: seconds.default(1.6),
    /** Without a word of the agent the model is asked once more. A slow answer comes within three seconds. */
    ask_again_after_seconds: seconds.default(4),
    /** Then another model is tried: twice the time, so that what was asked again could come as well. */
    next_model_after_seconds: seconds.default(8),
  })
  .refine(
    (limits) =>
      limits.filler_after_seconds < limits.ask_again_after_seconds &&
      limits.ask_again_after_seconds < limits.next_model_after_seconds,
    'must grow from filler_after_seconds over ask_again_after_seconds to next_model_after_seconds',
  );
