// Tests the bridge as a process of its own: how it starts, what it says of bad settings, how it stops.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';

const folder = mkdtempSync(join(tmpdir(), 'media-bridge-'));
after(() => rmSync(folder, { recursive: true }));
const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const settings = {
  PORT: '0',
  MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
  BRIDGE_URL: 'wss://bridge.example',
  TWILIO_AUTH_TOKEN: 'example-auth-token',
  AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9',
  AZURE_OPENAI_API_KEY: 'key',
  DATA_FOLDER: folder,
  LOG_LEVEL: 'error',
};
/** Stands for a fault in any library: an exception out of nowhere on one signal, one in the work of a call on the other. */
const faultsOnSignals = `data:text/javascript,${encodeURIComponent(`
  import { workFor } from '${new URL('./call/work-owner.ts', import.meta.url)}';
  process.on('SIGUSR2', () => { throw new Error('out of nowhere'); });
  const call = { fail: ({ message }) => console.log('the call failed: ' + message) };
  process.on('SIGHUP', () => workFor(call, () => {
    setTimeout(() => { throw new Error('in a timer'); }, 1);
    Promise.reject(new Error('in a promise'));
  }));
`)}`;

const { NODE_COMPILE_CACHE } = process.env;

function start(t: TestContext, env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', faultsOnSignals, main], {
    env: { NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  return { child, lines: createInterface(child.stdout)[Symbol.asyncIterator](), errors };
}

async function waitFor(lines: AsyncIterator<string>, found: (line: string) => boolean): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error('it ended before');
    if (found(value)) return value;
  }
}
const waitUntilReady = async (lines: AsyncIterator<string>) =>
  (await waitFor(lines, (line) => line.startsWith('ready '))).slice('ready '.length);

/** A call that has come in as far as its media socket. */
async function openStream(t: TestContext, url: string): Promise<WebSocket> {
  const signed = createHmac('sha1', settings.TWILIO_AUTH_TOKEN).update('wss://bridge.example/ws/media/call-1');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/media/call-1`, {
    headers: { 'X-Twilio-Signature': signed.digest('base64') },
  });
  t.after(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

describe('npm run start:bridge', () => {
  it('says where it is once it serves, and lets a call finish on SIGTERM', async (t) => {
    const { child, lines } = start(t, settings);
    const url = await waitUntilReady(lines);
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
    const stream = await openStream(t, url);
    child.kill('SIGTERM');
    while ((await fetch(`${url}/readyz`)).status !== 503);
    assert.equal(child.exitCode, null);
    stream.send('{}');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('stops at once on a second signal', async (t) => {
    const { child, lines } = start(t, settings);
    const url = await waitUntilReady(lines);
    await openStream(t, url);
    child.kill('SIGINT');
    while ((await fetch(`${url}/readyz`)).status !== 503);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [1, null]);
  });

  it('lets its calls finish after an error that nobody caught, takes no more, and fails', async (t) => {
    const { child, lines } = start(t, settings);
    const url = await waitUntilReady(lines);
    const stream = await openStream(t, url);
    child.kill('SIGUSR2');
    const logged = await waitFor(lines, (line) => line.includes('nobody caught'));
    assert.match(logged, /"type":"Error"/);
    assert.doesNotMatch(logged, /"message":"out of nowhere/);
    assert.equal((await fetch(`${url}/readyz`)).status, 503);
    child.kill('SIGUSR2');
    await waitFor(lines, (line) => line.includes('nobody caught'));
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    stream.send('{}');
    assert.deepEqual(await once(child, 'exit'), [1, null]);
  });

  it('leaves it to a call to deal with an error of its own that nobody caught', async (t) => {
    const { child, lines } = start(t, settings);
    const url = await waitUntilReady(lines);
    child.kill('SIGHUP');
    await waitFor(lines, (line) => line === 'the call failed: in a promise');
    await waitFor(lines, (line) => line === 'the call failed: in a timer');
    assert.equal((await fetch(`${url}/readyz`)).status, 200);
  });

  it('names the port that is taken, and nothing else', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { child, errors } = start(t, { ...settings, PORT: String(port) });
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.equal(errors.join(''), `PORT: port ${port} of 127.0.0.1 is in use by another process\n`);
  });

  it('names the settings that are missing, and nothing else', async (t) => {
    const { child, errors } = start(t, { ...settings, MEDIA_TOKEN_SECRET: '' });
    assert.deepEqual(await once(child, 'close'), [1, null]);
    assert.equal(errors.join(''), 'Missing settings: MEDIA_TOKEN_SECRET (wanted by the media bridge)\n');
  });
});
