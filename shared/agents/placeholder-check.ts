// Whether each placeholder of an agent's file means something: a misspelt one would be told to the model, or read out.
import { findPlaceholders, findStrayBraces, ownPlaceholders } from './placeholders.ts';

export interface PlaceholderFault {
  readonly offset: number;
  readonly problem: string;
}

/** `isSpoken`: said word for word, so that something has to be there. */
export function checkPlaceholders(
  text: string,
  context: Readonly<Record<string, string>>,
  { isSpoken }: { readonly isSpoken: boolean },
): readonly PlaceholderFault[] {
  const known = [...ownPlaceholders, ...Object.keys(context)];
  const faults = findPlaceholders(text).flatMap(({ name, fallback, offset }) => {
    if (!known.includes(name))
      return [{ offset, problem: `{{${name}}} is not in context; known are ${known.join(', ')}` }];
    if (!isSpoken || fallback !== undefined || isOwn(name)) return [];
    return [{ offset, problem: `{{${name}}} needs words for when it is not known: {{${name}|…}}` }];
  });
  const stray = findStrayBraces(text);
  return stray === undefined
    ? faults
    : [...faults, { offset: stray, problem: 'has braces that are no {{name}} or {{name|words}}' }];
}

function isOwn(name: string): boolean {
  return (ownPlaceholders as readonly string[]).includes(name);
}
