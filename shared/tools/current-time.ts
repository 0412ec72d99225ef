// Tool: tells the date and the time of day, here or in a named time zone.
import { z } from 'zod';
import { defineTool } from './tool.ts';

export const currentTime = defineTool({
  name: 'current_time',
  description: 'Tells the current date, weekday and time of day.',
  input: z.object({ time_zone: z.string().optional().describe('IANA name, for example Europe/Berlin. Default: UTC') }),
  run({ time_zone: timeZone = 'UTC' }, { now }) {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'full', timeStyle: 'short' });
    return { time: format.format(now), time_zone: timeZone };
  },
});
