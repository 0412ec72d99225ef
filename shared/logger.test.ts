// What the logger writes, and what it keeps to itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { it } from 'node:test';

/** The logger writes to its process's standard output: a process of its own shows what came out. */
function linesOf(showPii: boolean, body: string): Record<string, unknown>[] {
  const module = new URL('./logger.ts', import.meta.url).href;
  const options = JSON.stringify({ level: 'info', showPii, service: 'test' });
  const code = `import { createLogger } from '${module}'; const log = createLogger(${options}); ${body}`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const everyDepth = `
  log.info({ pii: { text: 'private' } }, 'top');
  log.info({ pii: 'private' }, 'bare');
  log.info({ turn: { pii: { text: 'private' } } }, 'below');
  log.info({ a: { b: [{ pii: { text: 'private' } }] } }, 'deep');
  log.child({ callId: 'c1', pii: { phone: 'private' } }).info({}, 'child');
  log.child({ callId: 'c1' }).child({ call: { pii: 'private' } }).info({ pii: { x: 'private' } }, 'grandchild');
  log.error({ error: Object.assign(new Error('failed'), { pii: { text: 'private' } }) }, 'error');`;

it('hides what people said, wherever it is, and writes the rest', () => {
  const lines = linesOf(false, everyDepth);
  assert.deepEqual(
    lines.map(({ message }) => message),
    ['top', 'bare', 'below', 'deep', 'child', 'grandchild', 'error'],
  );
  assert.doesNotMatch(JSON.stringify(lines), /private/);
  assert.equal(lines[4]!.callId, 'c1');
  assert.equal(lines[4]!.service, 'test');
  assert.equal((lines[6]!.error as { message: string }).message, 'failed');
});

it('shows it when told to', () => {
  assert.equal(JSON.stringify(linesOf(true, everyDepth)).split('private').length - 1, 8);
});
