// The connection to a realtime service, against servers that behave and servers that do not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { AppError } from '../../../shared/errors.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { type RealtimeAccess, RealtimeLink } from './realtime-link.ts';

const never = new AbortController().signal;

async function listen(t: TestContext, onConnection: (socket: WebSocket, request: IncomingMessage) => void = () => {}) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on('connection', onConnection);
  await once(server, 'listening');
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/openai/v1/realtime?model=m`;
}

const open = (url: string, access: Partial<RealtimeAccess> = {}, signal = never) =>
  RealtimeLink.open({
    access: { url, service: 'The service', apiKey: 'secret', ...access },
    signal,
    log: silentLogger,
  });

/** Collects what a link tells. */
function follow(link: RealtimeLink) {
  const messages: string[] = [];
  const closed = new Promise<AppError | undefined>((resolve) =>
    link.listen({ onMessage: (text) => messages.push(text), onClose: resolve }),
  );
  return { messages, closed };
}

describe('RealtimeLink: opening', () => {
  it('gives the key in a header, never in the URL, and does not offer to deflate', async (t) => {
    const connection = Promise.withResolvers<IncomingMessage>();
    const url = await listen(t, (_socket, request) => connection.resolve(request));
    const link = await open(url);
    const request = await connection.promise;
    assert.equal(request.headers['api-key'], 'secret');
    assert.equal(request.headers['sec-websocket-extensions'], undefined);
    assert.equal(request.url, '/openai/v1/realtime?model=m');
    link.close();
  });

  it('asks for a fresh token at each connection when there is no key', async (t) => {
    const seen: unknown[] = [];
    const url = await listen(t, (_socket, { headers }) => seen.push(headers.authorization, headers['api-key']));
    let tokens = 0;
    const getToken = async () => `token-${++tokens}`;
    for (let i = 0; i < 2; i++) (await open(url, { apiKey: undefined, getToken })).close();
    assert.deepEqual(seen, ['Bearer token-1', undefined, 'Bearer token-2', undefined]);
  });

  it('tells why the service refuses', async (t) => {
    let status = 0;
    const server = createServer();
    server.on('upgrade', (_request, socket) =>
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`),
    );
    server.listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    for (const [refusal, code, retryable] of [
      [400, 'MODEL_REFUSED', false],
      [401, 'MODEL_REFUSED', false],
      [403, 'MODEL_REFUSED', false],
      [404, 'MODEL_REFUSED', false],
      [429, 'MODEL_THROTTLED', true],
      [500, 'MODEL_UNAVAILABLE', true],
      [503, 'MODEL_UNAVAILABLE', true],
    ] as const) {
      status = refusal;
      await assert.rejects(open(url), (error: AppError) => {
        assert.deepEqual([error.code, error.retryable], [code, retryable], `${refusal}`);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    }
    server.close();
    await once(server, 'close');
    await assert.rejects(open(url), { code: 'MODEL_UNAVAILABLE' });
  });

  it('needs a key or an identity that works', async (t) => {
    const url = await listen(t);
    await assert.rejects(open(url, { apiKey: undefined }), { code: 'NOT_CONFIGURED' });
    const getToken = () => Promise.reject(new Error('no identity here'));
    await assert.rejects(open(url, { apiKey: undefined, getToken }), { code: 'MODEL_REFUSED' });
  });

  it('does not wait for ever for an identity', async (t) => {
    const url = await listen(t);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const opening = open(url, { apiKey: undefined, getToken: () => new Promise(() => {}) });
    t.mock.timers.tick(5_000);
    await assert.rejects(opening, { code: 'MODEL_REFUSED' });
  });

  it('stops when nobody waits any more', async (t) => {
    const accepted = Promise.withResolvers<void>();
    // Takes connections and never says a word.
    const mute = createTcpServer((socket) => {
      socket.on('error', () => {});
      accepted.resolve();
    });
    mute.listen(0, '127.0.0.1');
    t.after(() => mute.close());
    await once(mute, 'listening');
    const abort = new AbortController();
    const opening = open(`ws://127.0.0.1:${(mute.address() as AddressInfo).port}/`, {}, abort.signal);
    const rejected = assert.rejects(opening, { name: 'AbortError' });
    await accepted.promise;
    abort.abort();
    await rejected;
    await assert.rejects(open('ws://127.0.0.1:9/', {}, abort.signal), { name: 'AbortError' });
  });
});

describe('RealtimeLink: while it is open', () => {
  it('keeps what comes before somebody listens, and hands over to the next listener', async (t) => {
    const url = await listen(t, (socket) => {
      socket.send('one');
      socket.on('message', () => socket.send('three'));
    });
    const link = await open(url);
    const first: string[] = [];
    await new Promise<void>((resolve) =>
      link.listen({
        onMessage(text) {
          first.push(text);
          link.listen(undefined);
          resolve();
        },
        onClose: () => {},
      }),
    );
    link.send('two');
    await new Promise<void>((resolve) =>
      link.listen({ onMessage: (text) => resolve(void first.push(text)), onClose() {} }),
    );
    assert.deepEqual(first, ['one', 'three']);
    link.close();
  });

  it('appends audio in base64', async (t) => {
    const got = Promise.withResolvers<string>();
    const url = await listen(t, (socket) => socket.once('message', (data) => got.resolve(String(data))));
    const link = await open(url);
    link.sendAudio(Buffer.from([1, 2, 3]));
    assert.equal(await got.promise, '{"type":"input_audio_buffer.append","audio":"AQID"}');
    link.close();
  });

  it('gives up a service that does not read', async (t) => {
    const connection = Promise.withResolvers<WebSocket>();
    const url = await listen(t, (socket) => connection.resolve(socket));
    const link = await open(url);
    const { closed } = follow(link);
    (await connection.promise).pause();
    for (let i = 0; i < 2000 && link.isOpen; i++) link.sendAudio(Buffer.alloc(9600));
    assert.equal(link.isOpen, false);
    assert.equal((await closed)?.code, 'MODEL_UNAVAILABLE');
  });

  it('gives up a service that does not answer pings', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
    t.after(() => server.close());
    await once(server, 'listening');
    const link = await open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const { closed } = follow(link);
    t.mock.timers.tick(5_000);
    assert.equal(link.isOpen, true);
    t.mock.timers.tick(5_000);
    assert.match((await closed)!.message, /does not answer/);
  });
});

describe('RealtimeLink: the end', () => {
  it('has no error when it is ours, and comes once', async (t) => {
    const url = await listen(t);
    const link = await open(url);
    const { closed } = follow(link);
    link.close();
    link.close();
    link.send('too late');
    assert.equal(await closed, undefined);
  });

  it('tells a session that expired from a service that went away', async (t) => {
    for (const [code, reason, expected] of [
      [1001, 'Your session hit the maximum duration of 60 minutes.', 'MODEL_SESSION_EXPIRED'],
      [1001, '', 'MODEL_UNAVAILABLE'],
      [1011, 'keepalive ping timeout', 'MODEL_UNAVAILABLE'],
      [1000, '', 'MODEL_UNAVAILABLE'],
    ] as const) {
      const url = await listen(t, (socket) => socket.close(code, reason));
      const { closed } = follow(await open(url));
      assert.equal((await closed)?.code, expected, `${code} ${reason}`);
    }
    const url = await listen(t, (socket) => socket.terminate());
    const link = await open(url).catch((error: AppError) => error);
    const error = link instanceof RealtimeLink ? await follow(link).closed : link;
    assert.equal(error?.code, 'MODEL_UNAVAILABLE');
  });

  it('survives a message that is too long', async (t) => {
    const url = await listen(t, (socket) => socket.send('x'.repeat(5 * 1024 * 1024)));
    const { closed } = follow(await open(url));
    assert.equal((await closed)?.code, 'MODEL_UNAVAILABLE');
  });
});
