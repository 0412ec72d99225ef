// Placeholders in the words of an agent's file: filled from a call's context, which is data of somebody else's and never becomes text of ours.

/** Known of every call. */
export const ownPlaceholders = ['today', 'time'] as const;

export interface Placeholder {
  readonly name: string;
  /** After a bar: what is said where nothing is known. */
  readonly fallback: string | undefined;
  /** Where it begins in the text. */
  readonly offset: number;
}

export type PlaceholderValues = Readonly<Record<string, unknown>>;

const pattern = /\{\{\s*([a-z][a-z0-9_]*)\s*(?:\|([^{}\n]*))?\}\}/g;
/** What looks like one and is none: a misspelt placeholder would be read out. */
const stray = /\{\{|\}\}/;

/** A name or a place; what is longer stands in the data below the instructions. */
const maxQuotedCharacters = 400;
/** Two lines; whoever says more than that is not a name. */
const maxSpokenCharacters = 80;

export function findPlaceholders(text: string): readonly Placeholder[] {
  return [...text.matchAll(pattern)].map(({ 1: name, 2: fallback, index }) => ({
    name: name!,
    fallback: fallback?.trim(),
    offset: index,
  }));
}

/** Where braces stand that belong to no placeholder. */
export function findStrayBraces(text: string): number | undefined {
  const index = text.replace(pattern, (match) => ' '.repeat(match.length)).search(stray);
  return index < 0 ? undefined : index;
}

/** In instructions: a value stands there in quotes, as JSON has it, so that nothing in it begins a line or ends the quotes. */
export function fillInstructions(text: string, values: PlaceholderValues): string {
  return text.replace(pattern, (_, name: string, fallback: string | undefined) => {
    if ((ownPlaceholders as readonly string[]).includes(name)) return String(find(values, name) ?? '');
    const value = flatten(find(values, name));
    if (value === undefined) return fallback?.trim() || '(not known)';
    return value.length <= maxQuotedCharacters ? JSON.stringify(value) : `(see "${name}" below)`;
  });
}

/** In words that are spoken: only what can be spoken, and no more than a name is long. Undefined where a value without a fallback is missing. */
export function fillSpoken(text: string, values: PlaceholderValues): string | undefined {
  let isWhole = true;
  const filled = text.replace(pattern, (_, name: string, fallback: string | undefined) => {
    const value = simplify(flatten(find(values, name)) ?? '') || (fallback?.trim() ?? '');
    if (value === '' && fallback === undefined) isWhole = false;
    return value;
  });
  return isWhole ? filled.replace(/ {2,}/g, ' ').replace(/ ([,.!?])/g, '$1') : undefined;
}

function find(values: PlaceholderValues, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

/** On one line, without what no text has. */
function flatten(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'object' ? (isList(value) ? value.join(', ') : JSON.stringify(value)) : String(value);
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim() || undefined;
}

function isList(value: object): value is readonly (string | number)[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string' || typeof entry === 'number');
}

function simplify(text: string): string {
  const words = text
    .replace(/[^\p{L}\p{M}\p{N} .,'’&()/+-]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
  return words.length <= maxSpokenCharacters ? words : '';
}
