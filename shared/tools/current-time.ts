// Tool: tells the date and the time of day, here or in another time zone.
import { z } from 'zod';
import { findTimeZone } from './time-zone.ts';
import { defineTool } from './tool.ts';

const timeZone = z
  .string()
  .max(100)
  .refine((name) => findTimeZone(name) !== undefined, 'no such time zone; name a large city in it')
  .describe('IANA name, for example Europe/Berlin, or a large city. Default: UTC');

export const currentTime = defineTool({
  name: 'current_time',
  description: 'Tells the current date, weekday and time of day.',
  input: z.object({ time_zone: timeZone.optional() }),
  run({ time_zone: said = 'UTC' }, { now }) {
    const timeZone = findTimeZone(said)!;
    const format = new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'full', timeStyle: 'short' });
    return { time: format.format(now), time_zone: timeZone };
  },
});
