// Tests the two readings of .funcignore where they differ.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { azdRules, coreToolsRules, wantsRemoteBuild } from './package-rules.ts';

function createFolder(t: TestContext, files: readonly string[], funcIgnore: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'package-rules-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  if (funcIgnore !== '') writeFileSync(join(folder, '.funcignore'), funcIgnore);
  return folder;
}

const files = [
  'host.json',
  'local.settings.json',
  '.git/config',
  '.azure/env/.env',
  'a.ts',
  'deep/b.ts',
  'deep/b.js',
  'docs/page.md',
  'docs-of-others/page.html',
  'node_modules/p/index.js',
];

it('take all but what is never taken where there is no .funcignore', (t) => {
  const folder = createFolder(t, files, '');
  const others = files.filter((file) => !['local.settings.json', '.git/config', '.azure/env/.env'].includes(file));
  assert.deepEqual([...azdRules(folder)].sort(), [...others, '.git/config'].sort());
  assert.deepEqual([...coreToolsRules(folder)].sort(), [...others, '.azure/env/.env'].sort());
});

it('differ in what a pattern means', (t) => {
  const folder = createFolder(t, files, '# comment\n.*\n*.ts\n/docs\nnode_modules/*\n');
  // Git: anywhere. Core Tools: from the root on, and "docs" ends where a word ends.
  assert.deepEqual([...azdRules(folder)].sort(), ['deep/b.js', 'docs-of-others/page.html', 'host.json']);
  assert.deepEqual([...coreToolsRules(folder)].sort(), ['deep/b.js', 'deep/b.ts', 'host.json']);
});

it('differ in what beats an exception', (t) => {
  const folder = createFolder(t, ['agents/a.md', 'agents/b.ts'], '!agents\n*.md\nagents/*.ts\n');
  assert.deepEqual(azdRules(folder), []);
  assert.deepEqual([...coreToolsRules(folder)].sort(), ['agents/a.md', 'agents/b.ts']);
});

it('know when azd would want to build on the server', () => {
  for (const text of ['node_modules', 'node_modules/', '/node_modules', '**/node_modules'])
    assert.equal(wantsRemoteBuild(text), true, text);
  for (const text of ['node_modules/*', '*.ts', 'node_modules\n!node_modules'])
    assert.equal(wantsRemoteBuild(text), false, text);
});
