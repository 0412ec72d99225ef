// Texts of others that a model is told beside our own: what a tool of a server is for, what a field means.

/** Of a tool, and of a field of its schema. */
const maxToolCharacters = 500;
const maxFieldCharacters = 200;
const maxSchemaCharacters = 8_000;
const maxDepth = 8;

export function cleanText(text: unknown, maxCharacters = maxToolCharacters): string {
  if (typeof text !== 'string') return '';
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Of a JSON Schema what a model needs. Undefined where it is too large to be told. */
export function cleanSchema(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  const cleaned = clean(schema, 0) as Record<string, unknown>;
  const object = { ...cleaned, type: 'object', properties: cleaned.properties ?? {} };
  return JSON.stringify(object).length <= maxSchemaCharacters ? object : undefined;
}

function clean(value: unknown, depth: number): unknown {
  if (depth > maxDepth) return {};
  if (Array.isArray(value)) return value.map((entry) => clean(entry, depth + 1));
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? cleanText(value, maxFieldCharacters) : value;
  const kept = Object.entries(value).filter(
    ([name]) => !/^(\$schema|\$id|\$comment|title|examples|default)$/.test(name),
  );
  return Object.fromEntries(kept.map(([name, member]) => [name, clean(member, depth + 1)]));
}
