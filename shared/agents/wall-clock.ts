// The day and the time as an agent says them: in its language, and by the clocks of its time zone.
import type { AgentProfile } from './agent.ts';

interface Clock {
  readonly day: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
}

/** More than there are languages and time zones in one house; the oldest is made again where somebody asks for it. */
const maxClocks = 100;

/** To make one takes longer than all else that a call is told with, and 50 kB beside the heap. */
const clocks = new Map<string, Clock>();

export function formatWallClock(
  { language, time_zone: timeZone }: Pick<AgentProfile, 'language' | 'time_zone'>,
  at: Date,
): { today: string; time: string } {
  const { day, time } = findClock(language, timeZone);
  return { today: day.format(at), time: time.format(at) };
}

function findClock(language: string, timeZone: string): Clock {
  const key = `${language} ${timeZone}`;
  const known = clocks.get(key);
  if (known) return known;
  const clock = {
    day: new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'full' }),
    time: new Intl.DateTimeFormat(language, { timeZone, timeStyle: 'short' }),
  };
  clocks.set(key, clock);
  if (clocks.size > maxClocks) clocks.delete(clocks.keys().next().value!);
  return clock;
}
