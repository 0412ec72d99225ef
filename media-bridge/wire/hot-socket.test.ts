// Holds sockets whose audio goes past their library to what the library alone would do, over real connections of both kinds.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { HotSocket } from './hot-socket.ts';
import { findRawSocket } from './raw-socket.ts';
import { dialerOf } from './shared-reads.ts';

const audio = { before: '{"audio":"', after: '"}' };
const isHot = (text: string) => text.startsWith(audio.before) && text.endsWith(audio.after);

interface End {
  readonly socket: WebSocket;
  readonly hot: HotSocket;
  /** In the order in which they came; how they were read stands before each. */
  readonly heard: string[];
  readonly send: (audio: Buffer) => void;
}

function watch(socket: WebSocket, isServer: boolean): End {
  const heard: string[] = [];
  const hot = new HotSocket(socket, isServer, (bytes, start, end) => {
    const text = bytes.toString('utf8', start, end);
    if (isHot(text)) heard.push(`hot ${text}`);
    return isHot(text);
  });
  socket.on('message', (data) => heard.push(`library ${data}`));
  socket.on('error', () => {});
  return { socket, hot, heard, send: hot.createSender(audio) };
}

/** Who dials reads as the library does, or into the memory that all share, plain or by TLS. */
type Way = 'by its stream' | 'ahead of it' | 'ahead of it by TLS';

/** A key that both ends know stands for a certificate. */
const psk = Buffer.alloc(16, 7);
const tls = { ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' } as const;

/** Both ends of a connection, each of them hot. */
async function open(t: TestContext, way: Way = 'by its stream'): Promise<{ server: End; client: End }> {
  const isTls = way === 'ahead of it by TLS';
  const server = isTls ? createTlsServer({ ...tls, pskCallback: () => psk }) : createServer();
  const listener = new WebSocketServer({ server, perMessageDeflate: false });
  t.after(() => {
    for (const socket of listener.clients) socket.terminate();
    listener.close();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `${isTls ? 'wss' : 'ws'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const byKey = { ...tls, pskCallback: () => ({ psk, identity: 'bridge' }), checkServerIdentity: () => undefined };
  const dialled = way === 'by its stream' ? {} : { createConnection: dialerOf(url) };
  // What is meant for TLS goes through the library unread.
  const socket = new WebSocket(url, { perMessageDeflate: false, ...dialled, ...(isTls && byKey) } as ClientOptions);
  const opened = once(socket, 'open');
  const [accepted] = (await once(listener, 'connection')) as [WebSocket];
  const accepting = watch(accepted, true);
  await opened;
  return { server: accepting, client: watch(socket, false) };
}

const rawOf = (socket: WebSocket) => findRawSocket(socket)!.socket as Socket;
const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Until something is there; a test that waits in vain is ended by its file's own limit. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 1_000; tries++) await pause();
  assert.ok(isSo(), 'it did not come');
}

const textOf = (sound: Buffer) => `${audio.before}${sound.toString('base64')}${audio.after}`;

describe('a socket of the library', () => {
  it('is found under a WebSocket, on both sides, with one listener for its data', async (t) => {
    const listener = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    t.after(() => listener.close());
    await once(listener, 'listening');
    const socket = new WebSocket(`ws://127.0.0.1:${(listener.address() as AddressInfo).port}`, {
      perMessageDeflate: false,
    });
    const opened = once(socket, 'open');
    const [accepted] = (await once(listener, 'connection')) as [WebSocket];
    await opened;
    assert.ok(findRawSocket(accepted));
    assert.ok(findRawSocket(socket));
    socket.terminate();
    accepted.terminate();
  });
});

const ways: readonly (readonly ['server' | 'client', Way])[] = [
  ['server', 'by its stream'],
  ['client', 'by its stream'],
  ['client', 'ahead of it'],
  ['client', 'ahead of it by TLS'],
];

for (const [side, way] of ways) {
  const other = side === 'server' ? 'client' : 'server';
  describe(`to the ${side}, which reads ${way}`, () => {
    it('audio goes past the library once it is known where messages begin, in order with all else', async (t) => {
      const ends = await open(t, way);
      const expected: string[] = [];
      for (let round = 0; round < 40; round++) {
        const sound = Buffer.alloc(20 + (round % 3) * 400, round);
        ends[other].send(sound);
        expected.push(textOf(sound));
        // Beside it, at times: something else, something long, something in another alphabet.
        const besides = ['', `{"n":${round}}`, `{"long":"${'x'.repeat(70_000)}"}`, `{"word":"schön ${round}"}`][
          round % 4
        ]!;
        if (besides) {
          ends[other].socket.send(besides);
          expected.push(besides);
        }
        if (round % 5 === 0) ends[other].socket.ping();
        if (round % 2 === 0) await pause();
      }
      await until(() => ends[side].heard.length === expected.length);
      assert.deepEqual(
        ends[side].heard.map((text) => text.replace(/^(hot|library) /, '')),
        expected,
      );
      assert.ok(ends[side].heard.filter((text) => text.startsWith('hot')).length >= 5);
    });

    it('frames are found however the network cuts them', async (t) => {
      const ends = await open(t, way);
      const stream: Buffer[] = [];
      const writable = rawOf(ends[other].socket);
      const write = writable.write.bind(writable);
      writable.write = ((bytes: Buffer) => {
        stream.push(Buffer.from(bytes));
        return true;
      }) as typeof writable.write;
      const expected: string[] = [];
      for (let n = 0; n < 60; n++) {
        const sound = Buffer.alloc(30 + n, n);
        ends[other].send(sound);
        expected.push(textOf(sound));
      }
      const bytes = Buffer.concat(stream);
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = [1, 3, 200, 61, 1_000, 7][turn % 6]!;
        write(bytes.subarray(at, at + length));
        at += length;
        await pause();
      }
      await until(() => ends[side].heard.length === expected.length);
      assert.deepEqual(
        ends[side].heard.map((text) => text.replace(/^(hot|library) /, '')),
        expected,
      );
    });

    it('the library closes in order, whoever begins', async (t) => {
      for (const closer of ['server', 'client'] as const) {
        const ends = await open(t, way);
        ends[other].send(Buffer.alloc(400));
        ends[other].send(Buffer.alloc(400));
        await until(() => ends[side].heard.length === 2);
        const closed = Promise.all([once(ends.server.socket, 'close'), once(ends.client.socket, 'close')]);
        ends[closer].socket.close(1000, 'done');
        ends[closer].send(Buffer.alloc(400));
        const codes = (await closed).map(([code]) => code);
        assert.deepEqual(codes, [1000, 1000]);
        assert.equal(ends[side].heard.length, 2);
      }
    });

    it('what breaks the rules is refused by the library', async (t) => {
      const ends = await open(t, way);
      ends[other].send(Buffer.alloc(400));
      await until(() => ends[side].heard.length === 1);
      const writable = rawOf(ends[other].socket);
      const closed = new Promise<number>((resolve) => ends[side].socket.once('close', resolve));
      // Reserved bits.
      writable.write(Buffer.from([0xf1, side === 'server' ? 0x80 : 0x00, 1, 2, 3, 4]));
      const code = await closed;
      assert.ok(code === 1002 || code === 1006, `closed with ${code}`);
    });

    it('memory that a peer has not read is not written again', async (t) => {
      const ends = await open(t, way);
      const receiver = rawOf(ends[side].socket);
      receiver.pause();
      const expected: string[] = [];
      for (let n = 0; n < 8_000; n++) {
        const sound = Buffer.alloc(960, n);
        ends[other].send(sound);
        expected.push(textOf(sound));
      }
      assert.ok(ends[other].hot.bufferedBytes > 0, 'more than the kernel takes');
      receiver.resume();
      await until(() => ends[side].heard.length === expected.length);
      assert.deepEqual(
        ends[side].heard.map((text) => text.replace(/^(hot|library) /, '')),
        expected,
      );
    });
  });
}

for (const way of ['ahead of it', 'ahead of it by TLS'] as const) {
  it(`a stream that is read ${way} is given nothing but what is the library's`, async (t) => {
    const { server, client } = await open(t, way);
    let given = 0;
    rawOf(client.socket).on('data', (chunk: Buffer) => {
      given += chunk.length;
    });
    server.send(Buffer.alloc(400));
    await until(() => client.heard.length === 1);
    const beforeAudio = given;
    assert.ok(beforeAudio > 0, 'where messages begin is not known yet');
    for (let n = 2; n <= 20; n++) {
      server.send(Buffer.alloc(400, n));
      await until(() => client.heard.length === n);
    }
    assert.equal(given, beforeAudio);
    server.socket.send('{"n":1}');
    await until(() => client.heard.length === 21);
    assert.equal(given, beforeAudio + '..{"n":1}'.length);
    server.send(Buffer.alloc(400));
    await until(() => client.heard.length === 22);
    assert.match(client.heard[21]!, /^hot /);
  });
}
