// Times as a clock on the wall shows them somewhere, and the moments that they are.
import { z } from 'zod';
import { findTimeZone } from './time-zone.ts';

export const spokenTimeZone = z
  .string()
  .max(100)
  .refine((name) => findTimeZone(name) !== undefined, 'no such time zone; name a large city in it');

/** In words of the caller's. */
export function formatLocalTime(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-US', { timeZone, dateStyle: 'full', timeStyle: 'short' }).format(at);
}

/**
 * `2026-11-30T15:30` on the clocks of a time zone, as Unix time in ms. Of an hour that comes twice it is the first one; undefined
 * for one that a clock jumps over and for dates that there are not.
 */
export function readLocalTime(text: string, timeZone: string): number | undefined {
  const asUtc = Date.parse(`${text}:00Z`);
  if (Number.isNaN(asUtc) || !new Date(asUtc).toISOString().startsWith(text)) return undefined;
  // Around the change of a clock two offsets are possible; no zone changes twice within two days.
  const candidates = [asUtc - 86_400_000, asUtc + 86_400_000].map((near) => asUtc - offsetMs(near, timeZone));
  return candidates.sort((a, b) => a - b).find((at) => at + offsetMs(at, timeZone) === asUtc);
}

function offsetMs(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(at);
  const name = parts.find(({ type }) => type === 'timeZoneName')!.value;
  const [, sign, hours, minutes = '0', seconds = '0'] = /([+-])(\d\d):?(\d\d)?:?(\d\d)?/.exec(name) ?? [];
  if (sign === undefined) return 0;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}
