// Reads a web hook's body event by event, so that one malformed event costs none of the others.
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';

export interface EventBatch<Event> {
  readonly events: readonly Event[];
  /** Names the fields of those that could not be read. */
  readonly problem?: AppError;
}

/** A single event may come without its array: CloudEvents are sent so. */
export function readEventBatch<Event>(body: unknown, schema: z.ZodType<Event>): EventBatch<Event> {
  const events: Event[] = [];
  const wrong: string[] = [];
  for (const [i, item] of [body].flat().entries()) {
    const parsed = schema.safeParse(item);
    if (parsed.success) events.push(parsed.data);
    else wrong.push(...parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath([i, ...path])}: ${message}`));
  }
  return wrong.length === 0 ? { events } : { events, problem: new AppError('BAD_REQUEST', wrong.join('; ')) };
}

/** Unix time in ms; these clouds write up to seven digits of a second. */
export function readEventTime(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? undefined : at;
}
