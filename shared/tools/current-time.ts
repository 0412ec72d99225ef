// Tool: tells the date and the time of day, here or in another time zone.
import { z } from 'zod';
import { formatLocalTime, spokenTimeZone } from './local-time.ts';
import { findTimeZone } from './time-zone.ts';
import { defineTool } from './tool.ts';

export const currentTime = defineTool({
  name: 'current_time',
  description: 'Tells the current date, weekday and time of day.',
  input: z.object({
    time_zone: spokenTimeZone
      .optional()
      .describe('IANA name, for example Europe/Berlin, or a large city. Default: ours'),
  }),
  run({ time_zone: said }, { now, agent }) {
    const timeZone = said === undefined ? agent.time_zone : findTimeZone(said)!;
    return { time: formatLocalTime(now.getTime(), timeZone), time_zone: timeZone };
  },
});
