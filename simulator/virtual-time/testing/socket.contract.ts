// What sockets on loopback do, whoever joins them: the kernel and virtual time are held to the same suite.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket, { WebSocketServer } from 'ws';

type Ends = { readonly client: net.Socket; readonly served: net.Socket; readonly server: net.Server };

async function listen<Server extends net.Server>(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function connect(t: TestContext, options: net.ServerOpts = {}): Promise<Ends> {
  const server = net.createServer(options);
  const port = await listen(t, server);
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: options.allowHalfOpen });
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [net.Socket],
    unknown,
  ];
  for (const socket of [client, served]) {
    socket.on('error', () => {});
    t.after(() => socket.destroy());
  }
  return { client, served, server };
}

async function readAll(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;

/** Both ends of one, open. */
async function joinWebSockets(t: TestContext): Promise<{ client: WebSocket; served: WebSocket }> {
  const server = http.createServer();
  const sockets = new WebSocketServer({ server });
  const port = await listen(t, server);
  const arrived = once(sockets, 'connection') as Promise<[WebSocket]>;
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  const [[served]] = await Promise.all([arrived, once(client, 'open')]);
  return { client, served };
}

export function runSocketContract(name: string): void {
  describe(`sockets ${name}`, () => {
    it('carry bytes both ways, in order, and know their addresses', async (t) => {
      const { client, served } = await connect(t);
      assert.equal(client.remotePort, served.localPort);
      assert.equal(served.remotePort, client.localPort);
      assert.deepEqual([client.remoteAddress, served.remoteFamily], ['127.0.0.1', 'IPv4']);
      client.write('one ');
      client.write(Buffer.from('two '));
      client.end('three');
      served.end('back');
      assert.deepEqual(await Promise.all([readAll(served), readAll(client)]), ['one two three', 'back']);
      assert.deepEqual([client.bytesWritten, client.bytesRead], [13, 4]);
    });

    it('let the writer use its memory again at once', async (t) => {
      const { client, served } = await connect(t);
      const memory = Buffer.from('first');
      client.write(memory);
      memory.write('other');
      client.end();
      assert.equal(await readAll(served), 'first');
    });

    it('make a writer wait for a reader that does not read', async (t) => {
      const { client, served } = await connect(t);
      served.pause();
      const chunk = Buffer.alloc(1024 * 1024, 1);
      // More than any buffer between the two takes.
      const wanted = 32;
      for (let n = 0; n < wanted; n++) client.write(chunk);
      await sleep(20);
      assert.ok(client.writableLength > chunk.length, `${client.writableLength} bytes wait`);
      let read = 0;
      served.on('data', ({ length }) => {
        read += length;
      });
      const drained = once(client, 'drain');
      served.resume();
      await drained;
      while (read < wanted * chunk.length) await once(served, 'data');
      assert.equal(read, wanted * chunk.length);
    });

    it('close together when one ends, unless half-open is allowed', async (t) => {
      const closed = await connect(t);
      closed.served.resume();
      closed.client.resume();
      closed.client.end();
      const both = await Promise.all([once(closed.client, 'close'), once(closed.served, 'close')]);
      assert.deepEqual(both, [[false], [false]]);

      const { client, served } = await connect(t, { allowHalfOpen: true });
      client.end('question');
      assert.equal(await readAll(served), 'question');
      served.end('answer');
      assert.equal(await readAll(client), 'answer');
    });

    it('end once, however often an end is told', async (t) => {
      const { client, served } = await connect(t, { allowHalfOpen: true });
      let ends = 0;
      served.on('end', () => ends++);
      client.end();
      client.destroy();
      await sleep(10);
      served.resume();
      await sleep(10);
      assert.equal(ends, 1);
    });

    it('tell the other end of a reset', async (t) => {
      const { client, served } = await connect(t);
      client.resume();
      const failed = new Promise((resolve) => client.once('error', resolve));
      const closed = new Promise((resolve) => client.once('close', resolve));
      served.resetAndDestroy();
      assert.equal(codeOf(await failed), 'ECONNRESET');
      assert.equal(await closed, true);
    });

    it('reset who goes on writing to a socket that is closed', async (t) => {
      const { client, served } = await connect(t, { allowHalfOpen: true });
      client.resume();
      served.destroy();
      await once(client, 'end');
      const error = new Promise((resolve) => client.once('error', resolve));
      const writing = setInterval(() => client.write('more'), 5);
      t.after(() => clearInterval(writing));
      assert.match(String(codeOf(await error)), /^(ECONNRESET|EPIPE)$/);
    });

    it('refuse where nobody listens, and where somebody listens already', async (t) => {
      const server = net.createServer();
      const port = await listen(t, server);
      const second = net.createServer().listen(port, '127.0.0.1');
      assert.equal(codeOf((await once(second, 'error'))[0]), 'EADDRINUSE');
      server.close();
      await once(server, 'close');
      const [error] = (await once(net.connect(port, '127.0.0.1'), 'error')) as [Error & { port: number }];
      assert.deepEqual([codeOf(error), error.port], ['ECONNREFUSED', port]);
      assert.equal(error.message, `connect ECONNREFUSED 127.0.0.1:${port}`);
    });

    it('close a server when its last connection is closed', async (t) => {
      const { client, server } = await connect(t);
      let isClosed = false;
      const closed = once(server, 'close').then(() => {
        isClosed = true;
      });
      server.close();
      await sleep(10);
      assert.equal(isClosed, false);
      client.destroy();
      await closed;
      assert.equal(server.listening, false);
    });

    it('time out when nothing passes', async (t) => {
      const { client, served } = await connect(t);
      served.resume();
      client.setTimeout(200);
      const timedOut = once(client, 'timeout');
      let used = 0;
      const using = setInterval(() => {
        client.write('x');
        if (++used === 10) clearInterval(using);
      }, 50);
      t.after(() => clearInterval(using));
      await timedOut;
      assert.equal(used, 10);
    });

    it('serve HTTP over connections that are kept', async (t) => {
      let connections = 0;
      const server = http.createServer((request, response) => {
        request.pipe(response);
      });
      server.on('connection', () => connections++);
      const port = await listen(t, server);
      const ask = async (body: string) =>
        (await fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', body })).text();
      assert.equal(await ask('a'.repeat(200_000)), 'a'.repeat(200_000));
      assert.equal(await ask('b'), 'b');
      assert.ok(connections <= 2, `${connections} connections`);
      server.closeAllConnections();
    });

    it('abort a request on both sides', async (t) => {
      const server = http.createServer();
      const port = await listen(t, server);
      const aborter = new AbortController();
      const asked = once(server, 'request') as Promise<[http.IncomingMessage]>;
      const answer = fetch(`http://127.0.0.1:${port}/`, { signal: aborter.signal });
      const [request] = await asked;
      request.on('error', () => {});
      const closed = new Promise((resolve) => request.once('close', resolve));
      aborter.abort();
      await assert.rejects(answer, { name: 'AbortError' });
      await closed;
    });

    it('carry WebSockets: messages, pings, closing with a code', async (t) => {
      const { client, served } = await joinWebSockets(t);
      served.on('message', (data) => served.send(`heard ${String(data)}`));
      client.send('this');
      assert.equal(String((await once(client, 'message'))[0]), 'heard this');
      client.ping();
      await once(client, 'pong');
      const closed = once(client, 'close');
      served.close(4000, 'enough');
      const [code, reason] = await closed;
      assert.deepEqual([code, String(reason)], [4000, 'enough']);
    });

    it('tell a WebSocket that its other end is gone', async (t) => {
      const { client, served } = await joinWebSockets(t);
      const closed = once(client, 'close');
      served.terminate();
      assert.equal((await closed)[0], 1006);
    });

    it('take no more connections than a server allows', async (t) => {
      const server = net.createServer();
      server.maxConnections = 1;
      const port = await listen(t, server);
      const first = net.connect(port, '127.0.0.1').on('error', () => {});
      t.after(() => first.destroy());
      await once(server, 'connection');
      const second = net.connect(port, '127.0.0.1').on('error', () => {});
      await once(second, 'close');
      assert.equal(first.destroyed, false);
    });
  });
}
