// Tells how deep a value that came as JSON is nested: whoever walks through one without a bound runs out of stack.

/** Looks no deeper than it has to. */
export function isNestedWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isNestedWithin(part, levels - 1));
}
