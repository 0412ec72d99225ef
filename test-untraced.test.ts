// Tests of the run that does not follow every promise: an error that nobody caught fails its file, and is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';

const untraced = join(import.meta.dirname, 'test-untraced.ts');

for (const [what, fails] of [
  ['an error', "setTimeout(() => { throw new Error('too late'); });"],
  ['a rejection', "void Promise.reject(new Error('too late'));"],
] as const) {
  it(`fails a file for ${what} that nobody caught, and says where it came from`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-untraced-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'late.test.mjs');
    const body = `${fails}\n  return new Promise((resolve) => setTimeout(resolve, 50));`;
    writeFileSync(file, `import { it } from 'node:test';\nit('waits', () => {\n  ${body}\n});\n`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stderr } = spawnSync(process.execPath, ['--import', untraced, file], { env, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /late\.test\.mjs: nobody caught Error: too late\n.*late\.test\.mjs:3/);
  });
}
