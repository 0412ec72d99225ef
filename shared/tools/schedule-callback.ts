// Tool: notes down when the caller wants to be called back. It dials nobody: people or programs of the house do.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { formatLocalTime, readLocalTime, spokenTimeZone } from './local-time.ts';
import { findTimeZone } from './time-zone.ts';
import { defineTool, type Tool, ToolRefusal } from './tool.ts';

const dayMs = 86_400_000;

export function createScheduleCallback({ tool_settings, time_zone }: AgentProfile): Tool {
  const { within_days } = tool_settings.schedule_callback;
  return defineTool({
    name: 'schedule_callback',
    description:
      'Notes down that the caller is to be called back at a certain time, on the number of this call. Read the time back to the caller.',
    input: z.object({
      local_time: z
        .string()
        .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/, 'must be like 2026-11-30T15:30')
        .describe("Date and time on the caller's clock, for example 2026-11-30T15:30."),
      time_zone: spokenTimeZone.optional().describe(`Of the caller. Default: ${time_zone}`),
      about: z.string().min(1).max(500).describe('What it is about.'),
    }),
    run({ local_time, time_zone: said = time_zone, about }, { record, now, call }) {
      const timeZone = findTimeZone(said)!;
      const at = readLocalTime(local_time, timeZone);
      if (at === undefined) throw new ToolRefusal('There is no such time on that day. Ask for another one.');
      if (at <= now.getTime())
        throw new ToolRefusal(`That is past: it is ${formatLocalTime(now.getTime(), timeZone)} there.`);
      if (at > now.getTime() + within_days * dayMs)
        throw new ToolRefusal(`Callbacks are possible within the next ${within_days} days.`);
      if (call.remoteParty === undefined || call.remoteParty === 'unknown')
        throw new ToolRefusal('The number of this call is not known. Take a note with the number instead.');
      record({ type: 'callback-scheduled', dueAt: at, about });
      return { agreed: formatLocalTime(at, timeZone) };
    },
  });
}
