// JSON of a bounded length: cut, where it is too long, between two values and not within one.

/** Told in the place of what is missing. */
const cutMark = '… (cut)';
/** Room for the mark, its quotes and comma, and all brackets that are open. */
const markCharacters = cutMark.length + 3;
/** Deeper values are told as cut: nobody speaks of them. */
const maxDepth = 32;

/** Valid JSON of at most so many characters, whatever the value is. */
export function formatBoundedJson(value: unknown, maxCharacters: number): string {
  const json = JSON.stringify(value) ?? 'null';
  return json.length <= maxCharacters ? json : cut(JSON.parse(json), maxCharacters, 0).json;
}

interface Cut {
  readonly json: string;
  readonly isWhole: boolean;
}

function cut(value: unknown, budget: number, depth: number): Cut {
  const json = JSON.stringify(value);
  if (json.length <= budget) return { json, isWhole: true };
  if (typeof value === 'string') return { json: cutText(value, budget), isWhole: false };
  if (typeof value !== 'object' || value === null || depth >= maxDepth) return { json: mark(budget), isWhole: false };
  const isList = Array.isArray(value);
  const parts: string[] = [];
  let left = budget - 2 - (markCharacters + (isList ? 0 : 4));
  for (const [key, member] of Object.entries(value)) {
    const label = isList ? '' : `${JSON.stringify(key)}:`;
    const room = left - label.length - 1;
    if (room < markCharacters) break;
    const part = cut(member, room, depth + 1);
    // Nothing of it fits: the list's own mark says so.
    if (!part.isWhole && part.json === mark(room)) break;
    parts.push(label + part.json);
    left -= label.length + part.json.length + 1;
    if (!part.isWhole) break;
  }
  // Brackets around nothing tell nothing.
  if (parts.length === 0) return { json: mark(budget), isWhole: false };
  parts.push(isList ? JSON.stringify(cutMark) : `"…":${JSON.stringify(cutMark)}`);
  return { json: isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`, isWhole: false };
}

/** Between two characters, also those of two halves. */
function cutText(text: string, budget: number): string {
  let length = Math.max(0, budget - markCharacters);
  for (;;) {
    const kept = text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
    const json = JSON.stringify(kept + cutMark);
    if (json.length <= budget) return json;
    if (length === 0) return mark(budget);
    // Escapes are longer than what they stand for.
    length = Math.max(0, length - Math.max(1, json.length - budget));
  }
}

function mark(budget: number): string {
  const json = JSON.stringify(cutMark);
  return json.length <= budget ? json : budget >= 2 ? '""' : '0';
}
