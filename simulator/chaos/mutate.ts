// Changes a message by its structure: a value is of another kind, far too big, missing, somewhere else, or the text is no JSON at all.
import type { SeededRandom } from '../virtual-time/seeded-random.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Place = { readonly holder: Record<string, Json>; readonly key: string };

const longText = 'long '.repeat(4_000);
const strangeValues: readonly Json[] = [
  null,
  true,
  -1,
  0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  0.5,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'NaN',
  '../../etc/passwd',
  '%00%n%s',
  '{{caller_number}}',
  '1970-01-01T00:00:00Z',
  '9999-99-99T99:99:99Z',
  longText,
  [],
  [[[[[[]]]]]],
  {},
  { toString: 1, length: 1e9 },
];

/** Another text, nearly always. */
export function mutate(text: string, random: SeededRandom): string {
  if (random.chance(0.15)) return tear(text, random);
  let root: { value: Json };
  try {
    root = { value: JSON.parse(text) as Json };
  } catch {
    return tear(text, random);
  }
  for (let changes = random.integer(1, 4); changes > 0; changes--) change(root, random);
  return JSON.stringify(root.value) ?? '';
}

function tear(text: string, random: SeededRandom): string {
  const at = random.integer(0, text.length + 1);
  return random.pick([
    text.slice(0, at),
    `${text.slice(0, at)}\u0007${text.slice(at)}`,
    `${text}${text}`,
    `[${text}]`,
    '',
    'null',
    '[]',
    '"text"',
    '{"__proto__":{"type":"polluted"}}',
  ]);
}

function change(root: { value: Json }, random: SeededRandom): void {
  const places = findPlaces(root as Record<string, Json>);
  if (places.length === 0) return;
  const { holder, key } = random.pick(places);
  const value = holder[key]!;
  switch (random.integer(0, 6)) {
    case 0:
      delete holder[key];
      return;
    case 1:
      holder[key] = [value];
      return;
    case 2:
      holder[key] = { [key]: value };
      return;
    case 3: {
      const other = random.pick(places);
      [holder[key], other.holder[other.key]] = [structuredClone(other.holder[other.key] ?? null), value];
      return;
    }
    default:
      holder[key] = structuredClone(random.pick(strangeValues));
  }
}

/** Of every value in it, itself included. */
function findPlaces(holder: Record<string, Json>): Place[] {
  return Object.keys(holder).flatMap((key) => {
    const value = holder[key];
    const within = typeof value === 'object' && value !== null ? findPlaces(value as Record<string, Json>) : [];
    return [{ holder, key }, ...within];
  });
}
