// Reads a timer's schedule as Azure's host does: NCRONTAB, six fields of which the first, the seconds, may be left out, in UTC.

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly least: number;
  readonly most: number;
  /** What may stand for the numbers from `least` on. */
  readonly names?: readonly string[];
}

const fields: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: weekdays },
];

const secondMs = 1000;
const dayMs = 86_400_000;
/** 29 February comes again within eight years. */
const longestSearchDays = 8 * 366 + 1;

export interface Schedule {
  /** The first moment after the given one, by Unix time in ms; undefined when there is none. */
  next(afterMs: number): number | undefined;
}

/** Undefined for what the host does not take. A TimeSpan works on App Service plans only, and nowhere else. */
export function parseNcrontab(text: string): Schedule | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length === 5) parts.unshift('0');
  if (parts.length !== fields.length) return undefined;
  const sets = parts.map((part, i) => parseField(part.toLowerCase(), fields[i]!));
  if (sets.includes(undefined)) return undefined;
  const [seconds, minutes, hours, days, monthsOfYear, daysOfWeek] = sets as [Set<number>, ...Set<number>[]];
  const times = [...hours!].flatMap((hour) =>
    [...minutes!].flatMap((minute) => [...seconds].map((second) => (hour * 60 + minute) * 60 + second)),
  );
  times.sort((a, b) => a - b);

  return {
    next(afterMs) {
      const firstDay = Math.floor(afterMs / dayMs) * dayMs;
      for (let day = 0; day < longestSearchDays; day++) {
        const dayStart = firstDay + day * dayMs;
        const date = new Date(dayStart);
        // A day has to fit both of its fields.
        if (!days!.has(date.getUTCDate()) || !daysOfWeek!.has(date.getUTCDay())) continue;
        if (!monthsOfYear!.has(date.getUTCMonth() + 1)) continue;
        const time = times.find((second) => dayStart + second * secondMs > afterMs);
        if (time !== undefined) return dayStart + time * secondMs;
      }
      return undefined;
    },
  };
}

/** Lists of numbers, names, ranges and `*`, each with a step if wanted. */
function parseField(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(item);
    if (!match) return undefined;
    const [from, to, step] = match.slice(1);
    const first = from === '*' ? field.least : readValue(from!, field);
    const open = from === '*' || (to === undefined && step !== undefined);
    const last = open && to === undefined ? field.most : readValue(to ?? from!, field);
    const by = Number(step ?? 1);
    if (first === undefined || last === undefined || first > last || by === 0) return undefined;
    for (let value = first; value <= last; value += by) values.add(value);
  }
  return values;
}

function readValue(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.slice(0, 3));
  const value = named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
