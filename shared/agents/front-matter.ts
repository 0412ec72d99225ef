// Splits an agent's file into its front matter, between two lines of ---, and the instructions below.
import { AppError } from '../errors.ts';

export interface FrontMatter {
  readonly yaml: string;
  /** Of the YAML, in the file. */
  readonly yamlLine: number;
  readonly body: string;
  readonly bodyLine: number;
}

const pattern = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?\r?\n)---[ \t]*(?:\r?\n([\s\S]*))?$/;

export function splitFrontMatter(file: string, text: string): FrontMatter {
  const match = pattern.exec(text);
  if (!match)
    throw new AppError('BAD_SETTING', `${file}:1: an agent starts with front matter between two lines of ---`);
  const [, yaml, body = ''] = match;
  return { yaml: yaml!, yamlLine: 2, body, bodyLine: yaml!.split('\n').length + 2 };
}
