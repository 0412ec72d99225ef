// What V8 keeps for the code is told apart from what the code holds. In a process of its own: it costs by how much is held.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { it } from 'node:test';
import { promisify } from 'node:util';

const program = `
  import { measureCompiledCode } from ${JSON.stringify(new URL('./compiled-code.ts', import.meta.url).href)};
  const before = await measureCompiledCode();
  const held = Array.from({ length: 100_000 }, (_, n) => ({ n }));
  console.log(JSON.stringify({ before, after: await measureCompiledCode(), held: held.length }));
`;

it('compiled code is counted with what is kept for it, and what the code holds is not', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const { before, after } = JSON.parse(stdout) as { before: number; after: number };
  assert.ok(before > 100_000 && after < before + 500_000, `${before} → ${after}`);
});
