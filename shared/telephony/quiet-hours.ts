// Whether it is too early or too late to ring somebody, by the clocks of the country that the number belongs to.

/** Hours of the day, 0-23: from 21 to 8 is quiet at 21:00 and no more at 08:00. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** Territories that the time zone data gives no zone of their own. */
const borrowedZones: Readonly<Record<string, readonly string[]>> = {
  AC: ['Atlantic/St_Helena'],
  TA: ['Atlantic/St_Helena'],
  XK: ['Europe/Belgrade'],
};

/**
 * True if it is quiet anywhere in the country where the callee may be: see docs/decisions/0003-callee-time-zones.md.
 * `known` narrows a country of many zones to those of them that it names. A country without a clock is always quiet.
 */
export function isQuietInCountry(country: string, quiet: QuietHours, known: readonly string[], at: Date): boolean {
  const zones = zonesOf(country);
  const knownZones = new Set(known.map(canonicalZone));
  const narrowed = zones.filter((zone) => knownZones.has(canonicalZone(zone)));
  const possible = narrowed.length > 0 ? narrowed : zones;
  return possible.length === 0 || possible.some((zone) => isQuiet(hourIn(zone, at), quiet));
}

export function isQuiet(hour: number, { from, to }: QuietHours): boolean {
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}

interface LocaleWithZones {
  getTimeZones?(): string[] | undefined;
  /** Node 20 has it as a property. */
  readonly timeZones?: string[];
}

function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale('und', { region: country }) as LocaleWithZones;
  const zones = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  return zones.length > 0 ? zones : (borrowedZones[country] ?? []);
}

/** One place has several names in the zone data: Asia/Kolkata is Asia/Calcutta. */
function canonicalZone(timeZone: string): string {
  return new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
}

function hourIn(timeZone: string, at: Date): number {
  return Number(new Intl.DateTimeFormat('en', { timeZone, hour: 'numeric', hourCycle: 'h23' }).format(at));
}
