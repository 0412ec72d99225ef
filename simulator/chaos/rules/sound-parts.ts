// Whatever comes to a door is refused or survived: nothing of the product breaks by it.
import type { Rule } from '../violation.ts';

/** What a program throws that did not expect what it got. */
const surprises = new Set([
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'URIError',
  'ZodError',
  'AssertionError',
]);

export const soundParts: Rule = {
  name: 'sound parts',
  find: ({ log, faults }) => [
    ...faults.flatMap(({ problems = [] }) => problems.map((what) => ({ what }))),
    ...log.filter((line) => isSurprise(line)).map((line) => ({ what: `something broke: ${line.slice(0, 600)}` })),
  ],
};

function isSurprise(line: string): boolean {
  const { error } = JSON.parse(line) as { error?: { type?: string } };
  return surprises.has(error?.type ?? '');
}
