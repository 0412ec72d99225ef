// Reads of Bicep files as much as the tests of infra/ ask: parameters, outputs, modules, and the objects in them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface BicepParameter {
  readonly name: string;
  readonly type: string;
  readonly isSecure: boolean;
  readonly default: string | undefined;
}

export const infraFolder = fileURLToPath(new URL('..', import.meta.url));

/** Without its comments. `path`: from infra/. */
export function readInfra(path: string): string {
  return readFileSync(`${infraFolder}${path}`, 'utf8').replace(/^\s*\/\/.*\n/gm, '');
}

export function findParameters(source: string): readonly BicepParameter[] {
  const found = source.matchAll(/((?:^@.*\n)*)^param (\w+) ([\w[\]]+)(?: = (.*))?$/gm);
  return [...found].map(([, decorators, name, type, value]) => {
    return { name: name!, type: type!, isSecure: /^@secure\(\)$/m.test(decorators!), default: value };
  });
}

/** Of a .bicepparam file. */
export function findAssignments(source: string): ReadonlyMap<string, string> {
  return new Map(
    [...source.matchAll(/^param (\w+) = ([\s\S]*?)(?=^param |^var |(?![\s\S]))/gm)].map((m) => [m[1]!, m[2]!]),
  );
}

export function findOutputs(source: string): ReadonlyMap<string, string> {
  return new Map([...source.matchAll(/^output (\w+) \w+ = (.*)$/gm)].map((match) => [match[1]!, match[2]!]));
}

/** The text between the first brace after `start` and its partner. */
export function findObject(source: string, start: string): string {
  const at = source.indexOf(start);
  if (at < 0) throw new Error(`there is no "${start}"`);
  const open = source.indexOf('{', at + start.length);
  let depth = 0;
  for (let i = open; i < source.length; i++) {
    if (source[i] === '{') depth++;
    else if (source[i] === '}' && --depth === 0) return source.slice(open + 1, i);
  }
  throw new Error(`"${start}" does not end`);
}

/** The keys of an object as settings are called: in capitals, or with AzureWebJobsStorage before them. */
export function findSettingNames(object: string): readonly string[] {
  return [...object.matchAll(/(?:^|[{\s])([A-Z][A-Za-z]*_[A-Za-z_]+|PORT|HOST):/g)].map(([, name]) => name!);
}
