// Connections at the bridge's door that break, stall or belong to nobody: what they hold, and for how long.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { CallId } from '../shared/call/call.ts';
import { readConfig } from '../shared/config.ts';
import { silentLogger } from '../shared/logger.ts';
import { MediaTokens } from '../shared/media-token.ts';
import { MemoryCallStream } from '../shared/stores/memory-call-stream.ts';
import { createMemoryStores } from '../shared/stores/memory-stores.ts';
import type { RunningBridge } from './server.ts';
import { startBridge } from './start.ts';
import { formatTwilioStart } from './transports/testing/twilio-start.ts';

const secret = 'a-secret-of-thirty-two-characters-or-more';
const authToken = 'example-auth-token';
const maxCalls = 3;

/** Reads when the test lets it. */
class HeldStream extends MemoryCallStream {
  gate: Promise<void> = Promise.resolve();
  reads = 0;
  override async readOn(...args: Parameters<MemoryCallStream['readOn']>) {
    this.reads += 1;
    await this.gate;
    return super.readOn(...args);
  }
}

let stream: HeldStream;
let bridge: RunningBridge;
const opened: Socket[] = [];
beforeEach(async () => {
  stream = new HeldStream();
  const stores = { ...createMemoryStores(), stream };
  const config = readConfig({
    PORT: '0',
    MEDIA_TOKEN_SECRET: secret,
    BRIDGE_URL: 'wss://bridge.example',
    TWILIO_AUTH_TOKEN: authToken,
    AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9',
    AZURE_OPENAI_API_KEY: 'key',
    MAX_CALLS: String(maxCalls),
  });
  bridge = await startBridge(config, { stores, log: silentLogger });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await bridge.stop();
});
after(() => assert.equal(opened.length, 0));

/** Neither reads nor ends its side unless the test does. */
async function dial(text = ''): Promise<Socket> {
  const socket = connect({ port: Number(new URL(bridge.url).port), host: '127.0.0.1', allowHalfOpen: true });
  opened.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (text) socket.write(text);
  return socket;
}

const upgradeRequest = (path: string, headers: Record<string, string> = {}) =>
  [
    `GET ${path} HTTP/1.1`,
    'Host: bridge.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

const tokenFor = (callId: string, carrier: 'acs' | 'twilio') =>
  new MediaTokens(secret).sign({ callId: callId as CallId, carrier, direction: 'inbound', agent: 'receptionist' });
const acsUpgrade = async (callId: string) => upgradeRequest(`/media/acs/${callId}/${await tokenFor(callId, 'acs')}`);
const signed = (path: string) => ({
  'X-Twilio-Signature': createHmac('sha1', authToken).update(`wss://bridge.example${path}`).digest('base64'),
});
const twilioUpgrade = (callId: string) => upgradeRequest(`/ws/media/${callId}`, signed(`/ws/media/${callId}`));

/** A text message of a WebSocket client, masked with zeros. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}

const calls = async () =>
  ((await (await fetch(`${bridge.url}/healthz`, { headers: { connection: 'close' } })).json()) as { calls: number })
    .calls;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await nextTurn();
}

describe('a media socket that is reset', () => {
  const ways: Record<string, (callId: string) => Promise<Socket>> = {
    'at ACS while its call is looked up': async (callId) => {
      const socket = await dial(await acsUpgrade(callId));
      await until(() => stream.reads > 0);
      return socket;
    },
    'at Twilio before its first message': async (callId) => {
      const socket = await dial(twilioUpgrade(callId));
      await once(socket, 'data');
      return socket;
    },
    'at Twilio while its call is looked up': async (callId) => {
      const socket = await dial(twilioUpgrade(callId));
      await once(socket, 'data');
      socket.write(frame(formatTwilioStart(await tokenFor(callId, 'twilio'))));
      await until(() => stream.reads > 0);
      return socket;
    },
  };
  for (const [when, open] of Object.entries(ways)) {
    it(`${when} gives its place back, and keeps nobody from stopping`, { timeout: 20_000 }, async () => {
      for (let i = 0; i < maxCalls; i++) {
        const { promise, resolve } = Promise.withResolvers<void>();
        stream.gate = promise;
        stream.reads = 0;
        const socket = await open(`call-${i}`);
        assert.equal(await calls(), 1);
        socket.resetAndDestroy();
        // The reset is there before the store answers.
        for (let turns = 0; turns < 20; turns++) await calls();
        resolve();
        await until(async () => (await calls()) === 0);
      }
      const startedAt = performance.now();
      await bridge.drain(10_000);
      assert.ok(performance.now() - startedAt < 1_000);
    });
  }

  it('at any moment leaves no place taken', async () => {
    const acs = await acsUpgrade('call-a');
    for (let i = 0; i < 60; i++) {
      const socket = await dial(i % 2 ? acs : twilioUpgrade('call-t'));
      for (let turns = 0; turns < i % 7; turns++) await nextTurn();
      socket.resetAndDestroy();
    }
    // A call whose socket was in its place may wait ten seconds for another one; a place that nobody gives back is for ever.
    await bridge.drain(12_000);
    assert.equal(await calls(), 0);
  });
});

describe('a watcher without a key', () => {
  const knock = async (headers: Record<string, string>) => {
    const { port } = new URL(bridge.url);
    const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`);
    const socket = await dial(upgradeRequest('/ws/events').replace('Host: bridge.example', lines.join('\r\n')));
    const [answer] = await once(socket, 'data');
    return Number(/^HTTP\/1\.1 (\d+)/.exec(String(answer))![1]);
  };

  it('is a program on this machine, or a page of it', async () => {
    assert.equal(await knock({}), 101);
    assert.equal(await knock({ origin: 'http://localhost:5173' }), 101);
  });

  it('is no page from elsewhere, whatever name it has given this machine', async () => {
    assert.equal(await knock({ origin: 'https://pages.example' }), 403);
    assert.equal(await knock({ origin: 'null' }), 403);
    assert.equal(await knock({ host: 'pages.example', origin: 'http://pages.example' }), 403);
  });
});

describe('strangers', () => {
  /** On both sides of this process. */
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

  const refused: Record<string, string> = {
    'without a token': upgradeRequest('/media/acs/call-1/nonsense'),
    'without a signature': upgradeRequest('/ws/media/call-1'),
    'at no path of ours': upgradeRequest('/nowhere'),
    'with a handshake that is none':
      'GET /ws/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  };
  for (const [how, request] of Object.entries(refused)) {
    it(`${how} are let go at once, though they neither read nor close`, async () => {
      const before = sockets();
      const count = 50;
      await Promise.all(Array.from({ length: count }, () => dial(request)));
      const startedAt = performance.now();
      await until(() => sockets() <= before + count);
      assert.ok(performance.now() - startedAt < 3_000);
    });
  }

  it('are told why, also when they go on sending', async () => {
    const socket = await dial(upgradeRequest('/media/acs/call-1/nonsense') + 'x'.repeat(100_000));
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]*"code":"UNAUTHENTICATED"/);
    await once(socket, 'end');
  });

  it('that never say what they want keep nobody out, and give way to those who come later', async (t) => {
    const before = sockets();
    const count = 600;
    for (let i = 0; i < count; i += 100)
      await Promise.all(Array.from({ length: 100 }, () => dial('GET /ws/media/call-1 HTTP/1.1\r\nX-Slow: ')));
    const held = () => sockets() - before - count;
    await until(() => held() <= 256);
    const caller = new WebSocket(`${bridge.url.replace('http', 'ws')}/ws/media/call-1`, {
      headers: signed('/ws/media/call-1'),
    });
    t.after(() => caller.terminate());
    await once(caller, 'open');
    assert.equal(await calls(), 1);
    await Promise.all(Array.from({ length: 300 }, () => dial()));
    assert.equal(caller.readyState, WebSocket.OPEN, 'who has shown a credential is no stranger');
  });
});
