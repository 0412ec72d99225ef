// Reads a YAML file by a schema; whatever is wrong is told with its file, line, column and field.
import { type Document, isMap, isScalar, LineCounter, type ParsedNode, parseDocument } from 'yaml';
import type { z } from 'zod';
import { AppError } from './errors.ts';

export type FieldPath = readonly (string | number)[];

export interface LocatedYaml<Data> {
  readonly data: Data;
  /** Of a field, or of the nearest one around it that is written. */
  lineOf(path: FieldPath): number;
  /** To be thrown: what is wrong with a field that the schema takes. */
  complain(path: FieldPath, problem: string): AppError;
}

export function parseLocatedYaml<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  /** Where the text begins in its file. */
  firstLine = 1,
): LocatedYaml<z.output<Schema>> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const place = (offset: number) => {
    const { line: lineOfText, col } = counter.linePos(offset);
    const line = lineOfText + firstLine - 1;
    return { line, place: `${file}:${line}:${col}` };
  };
  const faults = document.errors.map(({ pos, message }) => `${place(pos[0]).place}: ${message}`);
  if (faults.length > 0) throw new AppError('BAD_SETTING', faults.join('\n'));

  const locate = (path: FieldPath) => place(findOffset(document.contents, path));
  const parsed = schema.safeParse(readValues(file, document), { error: describeIssue });
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) => {
      const path = issue.path as FieldPath;
      const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
      return paths.map((path) => ({ path, message: issue.message, offset: findOffset(document.contents, path) }));
    });
    problems.sort((a, b) => a.offset - b.offset);
    const lines = problems.map(({ path, message, offset }) => format(place(offset).place, path, message));
    throw new AppError('BAD_SETTING', lines.join('\n'));
  }
  return {
    data: parsed.data,
    lineOf: (path) => locate(path).line,
    complain: (path, problem) => new AppError('BAD_SETTING', format(locate(path).place, path, problem)),
  };
}

/** Aliases are looked up only here. */
function readValues(file: string, document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new AppError('BAD_SETTING', `${file}: ${(cause as Error).message}`, { cause });
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text; put it in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'fields with values',
  record: 'fields with values',
  array: 'a list',
};

/** In words of somebody who writes YAML; a schema's own come first. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') return 'there is no such field';
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message;
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const [bound, limit] = issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
    if (issue.origin === 'number' || issue.origin === 'int') return `must be ${bound} ${limit}`;
  }
  return undefined;
}

function format(place: string, path: FieldPath, problem: string): string {
  const field = path.reduce<string>(
    (field, key) => (typeof key === 'number' ? `${field}[${key + 1}]` : field === '' ? key : `${field}.${key}`),
    '',
  );
  return `${place}: ${field === '' ? '' : `${field}: `}${problem}`;
}

/** Where the key of the last field stands, or an entry of a list. */
function findOffset(contents: ParsedNode | null, path: FieldPath): number {
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
      if (!pair) return offset;
      offset = (pair.key as ParsedNode).range[0];
      node = pair.value;
    } else {
      const entry = (node as { items?: readonly ParsedNode[] } | null)?.items?.[Number(key)];
      if (!entry) return offset;
      offset = entry.range[0];
      node = entry;
    }
  }
  return offset;
}
