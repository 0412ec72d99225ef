// When somebody can be reached: hours of each weekday on the clock of one time zone, and days on which nobody is there.
import { z } from 'zod';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof weekdays)[number];

/** Minutes of the day; `to` is 1440 for midnight at its end. */
export interface DaySpan {
  readonly from: number;
  readonly to: number;
}

export interface OpeningHours {
  readonly timeZone: string | undefined;
  readonly open: Readonly<Partial<Record<Weekday, readonly DaySpan[]>>>;
  /** ISO dates. */
  readonly closedOn: readonly string[];
}

export const timeZoneName = z.string().refine(isTimeZone, 'must be an IANA name, for example Europe/Berlin');

const dayRange = z.string().refine((text) => readDays(text) !== undefined, 'must be days like mon, or mon-fri');
const spans = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(
    z.string().transform((text, context) => {
      const span = readSpan(text);
      if (span) return span;
      context.addIssue('must be hours like 09:00-17:00');
      return z.NEVER;
    }),
  ),
);

export const openingHours = z
  .strictObject({
    /** Without it: that of the agent. */
    time_zone: timeZoneName.optional(),
    /** By day or range of days; a day that is not named is closed. */
    open: z.record(dayRange, spans),
    closed_on: z.array(z.iso.date('must be days like 2026-12-25')).default([]),
  })
  .transform(
    ({ time_zone, open, closed_on }): OpeningHours => ({
      timeZone: time_zone,
      open: Object.fromEntries(
        Object.entries(open).flatMap(([days, spans]) => (readDays(days) ?? []).map((day) => [day, spans])),
      ),
      closedOn: closed_on,
    }),
  );

/** In the time zone of the hours, or the one given. */
export function isOpen(hours: OpeningHours, at: Date, timeZone = 'UTC'): boolean {
  const { date, weekday, minute } = readClock(at, hours.timeZone ?? timeZone);
  if (hours.closedOn.includes(date)) return false;
  return (hours.open[weekday] ?? []).some(({ from, to }) => minute >= from && minute < to);
}

function readClock(at: Date, timeZone: string): { date: string; weekday: Weekday; minute: number } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const { weekday, year, month, day, hour, minute } = Object.fromEntries(
    format.formatToParts(at).map(({ type, value }) => [type, value]),
  ) as Record<string, string>;
  return {
    date: `${year}-${month}-${day}`,
    weekday: weekday!.toLowerCase() as Weekday,
    minute: Number(hour) * 60 + Number(minute),
  };
}

/** `fri-mon` goes over the weekend. */
function readDays(text: string): readonly Weekday[] | undefined {
  const [first, last = first] = text.split('-').map((day) => weekdays.indexOf(day as Weekday));
  if (first === undefined || last === undefined || first < 0 || last < 0 || text.split('-').length > 2)
    return undefined;
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, index) => weekdays[(first + index) % 7]!);
}

function readSpan(text: string): DaySpan | undefined {
  const [, ...parts] = (/^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text) ?? []).map(Number);
  const [fromHour, fromMinute, toHour, toMinute] = parts;
  if (toMinute === undefined || fromMinute! > 59 || toMinute > 59) return undefined;
  const from = fromHour! * 60 + fromMinute!;
  const to = toHour! * 60 + toMinute;
  return from < to && to <= 1440 ? { from, to } : undefined;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}
