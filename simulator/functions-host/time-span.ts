// Reads a time span as .NET does, where a bare number counts days.

const dayMs = 86_400_000;
/** .NET counts ticks of 100 ns in 64 bits. */
const longestMs = 2 ** 63 / 10_000;

const written = /^\s*(-)?(?:(\d+)|(?:(\d+)(?:\.|:(?=\d+:\d+:\d)))?(\d+):(\d+)(?::(\d+)(\.\d{1,7})?)?)\s*$/;

/** `d`, `hh:mm`, `hh:mm:ss`, each with `d.` before it if wanted, and a fraction after the seconds. In ms; undefined when .NET throws. */
export function parseTimeSpan(text: string): number | undefined {
  const match = written.exec(text);
  if (!match) return undefined;
  const [sign, onlyDays, days, hours, minutes, seconds, fraction] = match.slice(1);
  const [h, m, s] = [Number(hours ?? 0), Number(minutes ?? 0), Number(seconds ?? 0)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  const ms = Number(onlyDays ?? days ?? 0) * dayMs + ((h * 60 + m) * 60 + s + Number(`0${fraction ?? ''}`)) * 1000;
  return ms > longestMs ? undefined : sign ? -ms : ms;
}
