// Finds the time zone that people mean: they say a city, a country or "EDT", and hardly ever an IANA name.

/** What is said on the phone and no zone is named after, by zone. Where a name means several, it is the one of most people. */
const spoken: Readonly<Record<string, string>> = {
  UTC: 'utc, gmt, zulu, greenwich mean',
  // Whoever says "EST" in July means the clock in New York all the same.
  'America/New_York': 'et, est, edt, eastern, washington, washington dc, boston, miami, atlanta, philadelphia, nyc',
  'America/Chicago': 'ct, cst, cdt, central, houston, dallas, austin',
  'America/Denver': 'mt, mst, mdt, mountain',
  'America/Los_Angeles': 'pt, pst, pdt, pacific, la, san francisco, seattle, las vegas, san diego, california',
  'America/Anchorage': 'akst, akdt, alaska',
  'Pacific/Honolulu': 'hst, hawaii, hawaiian',
  'America/Sao_Paulo': 'brt, rio de janeiro, brasilia',
  'America/Buenos_Aires': 'argentina',
  'Europe/London':
    'bst, british, uk, united kingdom, great britain, england, scotland, wales, manchester, edinburgh, glasgow',
  'Europe/Lisbon': 'wet, portugal, porto',
  'Europe/Dublin': 'ireland, irish',
  'Europe/Berlin':
    'cet, cest, mez, mesz, central european, germany, deutschland, munich, munchen, hamburg, frankfurt, cologne, koln',
  'Europe/Paris': 'france',
  'Europe/Madrid': 'spain, espana, barcelona',
  'Europe/Rome': 'italy, italia, milan, naples',
  'Europe/Zurich': 'switzerland, schweiz, suisse, geneva, basel, bern',
  'Europe/Vienna': 'austria, osterreich, wien',
  'Europe/Amsterdam': 'netherlands, holland, rotterdam, hague',
  'Europe/Brussels': 'belgium',
  'Europe/Stockholm': 'sweden',
  'Europe/Oslo': 'norway',
  'Europe/Copenhagen': 'denmark',
  'Europe/Warsaw': 'poland, krakow',
  'Europe/Prague': 'czechia, czech republic',
  'Europe/Athens': 'eet, eest, greece',
  'Europe/Istanbul': 'turkey, turkiye, ankara',
  'Europe/Kiev': 'kyiv, ukraine',
  'Europe/Moscow': 'msk',
  'Asia/Dubai': 'united arab emirates, uae, abu dhabi',
  'Asia/Jerusalem': 'israel, tel aviv',
  'Asia/Calcutta': 'ist, india, delhi, new delhi, mumbai, bangalore, bengaluru, chennai, hyderabad, kolkata',
  'Asia/Shanghai': 'china, beijing, shenzhen, guangzhou',
  'Asia/Hong_Kong': 'hkt',
  'Asia/Singapore': 'sgt',
  'Asia/Tokyo': 'jst, japan, osaka, kyoto',
  'Asia/Seoul': 'kst, korea, south korea',
  'Asia/Saigon': 'vietnam, hanoi, ho chi minh',
  'Asia/Bangkok': 'thailand',
  'Australia/Sydney': 'aest, aedt, canberra',
  'Pacific/Auckland': 'nzst, nzdt, new zealand, wellington',
  'Africa/Cairo': 'egypt',
  'Africa/Johannesburg': 'sast, south africa, cape town',
};

const zones: ReadonlyMap<string, string> = new Map([
  ...Intl.supportedValuesOf('timeZone').map((zone) => [simplify(zone.split('/').at(-1)!), zone] as const),
  ...Object.entries(spoken).flatMap(([zone, names]) => names.split(', ').map((name) => [name, zone] as const)),
]);

/** An IANA name or an offset, as `Intl` takes it; undefined if nobody can tell what is meant: a country of many zones, say. */
export function findTimeZone(said: string): string | undefined {
  const name = simplify(said);
  return zones.get(name) ?? findOffset(name) ?? findIana(said.trim());
}

function findIana(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** "UTC+2", "GMT-05:30". */
function findOffset(name: string): string | undefined {
  const [, sign, hours = '', minutes = '00'] = /^(?:utc|gmt) ?([+-]) ?(\d{1,2})(?::?(\d\d))?$/.exec(name) ?? [];
  return sign && findIana(`${sign}${hours.padStart(2, '0')}:${minutes}`);
}

/** "Berlin time", "the time zone of New York", "New_York": what is left is the name. */
function simplify(text: string): string {
  const words = text
    .normalize('NFD')
    .replace(/[\p{M}'’.]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\d+:-]+/gu, ' ')
    .replace(/\b(the )?(local|standard|daylight|savings?|summer|time|zone|timezone|in|of|at|city)\b/g, ' ');
  return words.replace(/\s+/g, ' ').trim();
}
