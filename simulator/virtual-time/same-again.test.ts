// The same seed gives the same wire: moments, order and bytes. In real time, since it starts processes, beside one that takes a core.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = join(import.meta.dirname, 'testing/wire-of-calls.ts');

async function play(seed: number): Promise<Record<string, unknown>> {
  const { stdout } = await run(process.execPath, [program], { env: { ...process.env, SEED: String(seed) } });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
}

it('gives the same wire again for the same seed, beside a busy loop too, and another one for another seed', async (t) => {
  const first = await play(7);
  assert.ok(Number(first.bytes) > 1_000_000, `${first.bytes} bytes`);
  const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  t.after(() => busy.kill('SIGKILL'));
  const [again, other] = await Promise.all([play(7), play(8)]);
  assert.deepEqual(again, first);
  assert.notEqual(other.digest, first.digest);
});
