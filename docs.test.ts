// Holds the documents to the code: every setting, every fact, every way a call ends, and links that lead somewhere.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { agentFields } from './shared/agents/agent.ts';
import { callEndReasons } from './shared/call/call.ts';
import { settingNames } from './shared/config.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');

/** Of a Markdown text: what stands under this heading, up to the next one of its kind. */
function readSection(text: string, heading: string): string {
  const [, section] = text.split(`\n## ${heading}\n`);
  assert.ok(section !== undefined, `there is no section "${heading}"`);
  return section.split('\n## ')[0]!;
}

/** Each row's cells, without the two lines that every table begins with. */
function readTable(section: string): string[][] {
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) => row.slice(2, -2).split(' | '));
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

/** Azure's own library of identities reads it. */
const readByLibraries = ['AZURE_CLIENT_ID'];

it("the README's settings are those that are read, each once", () => {
  const rows = readTable(readSection(read('README.md'), 'Settings'));
  const named = rows.flatMap(([names]) => quoted(names!));
  assert.deepEqual(named.toSorted(), [...settingNames, ...readByLibraries].toSorted());
});

const lifecycle = read('docs/call-lifecycle.md');

it('every way a call can end is told, by reasons that there are', () => {
  const rows = readTable(readSection(lifecycle, 'Every way a call can end'));
  const told = new Set(rows.flatMap((row) => quoted(row.at(-1)!)).filter((name) => !/[A-Z]/.test(name)));
  assert.deepEqual([...told].sort(), callEndReasons.toSorted());
});

it('every fact has its one writer', () => {
  const facts = read('shared/call/call-event.ts').split('export type CallFact =')[1]!.split(';\n\n')[0]!;
  const types = [...facts.matchAll(/\{\s*type: '([\w-]+)'/g)].map(([, type]) => type!);
  assert.ok(types.length > 15);
  const told = readTable(readSection(lifecycle, 'One fact, one writer')).flatMap(([names]) => quoted(names!));
  assert.deepEqual(told.toSorted(), types.toSorted());
});

it("docs/agents.md tells of every field of an agent's file, each once", () => {
  const told = readTable(readSection(read('docs/agents.md'), 'Fields')).flatMap(([names]) => quoted(names!));
  assert.deepEqual(told.toSorted(), agentFields.toSorted());
});

/** As the pages of a forge name their headings. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

it('links lead somewhere', () => {
  const broken = globSync('{*,docs/**/*,.github/*}.md').flatMap((path) =>
    [...read(path).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]+))?\)/g)].flatMap(([link, file, anchor]) => {
      const target = file ? join(dirname(path), file) : path;
      if (!existsSync(join(import.meta.dirname, target))) return [`${path}: ${link}`];
      return anchor && !anchorsOf(read(target)).includes(anchor) ? [`${path}: ${link}`] : [];
    }),
  );
  assert.deepEqual(broken, []);
});
