// Tests the functions as a process of its own: how it starts, what it says of bad settings, how it stops.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { poll } from '../scenarios/carrier-leg.ts';

const folder = mkdtempSync(join(tmpdir(), 'functions-host-'));
after(() => rmSync(folder, { recursive: true }));
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const settings = {
  FUNCTIONS_PORT: '0',
  PUBLIC_URL: 'http://127.0.0.1:7071',
  BRIDGE_URL: 'ws://127.0.0.1:8080',
  MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
  DATA_FOLDER: folder,
};
const { NODE_COMPILE_CACHE } = process.env;

function start(t: TestContext, env: Record<string, string>) {
  const child = spawn(process.execPath, [main], {
    env: { NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  return { child, lines: createInterface(child.stdout), errors };
}

async function waitUntilReady(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) if (line.startsWith('ready ')) return line.slice('ready '.length);
  throw new Error('it ended before it was ready');
}

describe('npm run start:functions', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`says where it is once it serves, and ends well on ${signal}`, async (t) => {
      const { child, lines } = start(t, settings);
      const url = await waitUntilReady(lines);
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
      // Its stores are opened behind the scenes.
      const health = await poll(
        () => fetch(`${url}/healthz`),
        ({ status }) => status === 200,
      );
      assert.equal(health.status, 200);
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    });
  }

  it('names the settings that are missing or wrong, and nothing else', async (t) => {
    const missing = start(t, { ...settings, BRIDGE_URL: '' });
    assert.deepEqual(await once(missing.child, 'close'), [1, null]);
    assert.equal(missing.errors.join(''), 'Missing settings: BRIDGE_URL (wanted by functions)\n');
    const wrong = start(t, { ...settings, PUBLIC_URL: 'http://example.com' });
    assert.deepEqual(await once(wrong.child, 'close'), [1, null]);
    assert.match(wrong.errors.join(''), /^Settings are wrong: PUBLIC_URL .*\n$/);
  });

  it('names the port that is taken, and nothing else', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { child, errors } = start(t, { ...settings, FUNCTIONS_PORT: String(port) });
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.equal(errors.join(''), `FUNCTIONS_PORT: port ${port} of 127.0.0.1 is in use by another process\n`);
  });

  it('does not open itself to the network without a key', async (t) => {
    const { child, errors } = start(t, { ...settings, HOST: '0.0.0.0' });
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.match(errors.join(''), /^API_KEY is missing/);
  });
});
