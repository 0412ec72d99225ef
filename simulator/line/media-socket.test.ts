// The link under a carrier's media socket, good and bad, against a real server.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { createLinkFaults, MediaSocket } from './media-socket.ts';

async function setUp(t: TestContext, faults: Partial<ReturnType<typeof createLinkFaults>> = {}) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const stopping = new AbortController();
  t.after(() => {
    stopping.abort();
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const told: string[] = [];
  const events = { opened: Promise.withResolvers<void>(), ended: Promise.withResolvers<void>() };
  const socket = new MediaSocket({
    faults: { ...createLinkFaults(), ...faults },
    random: () => 0.5,
    signal: stopping.signal,
    connection: {},
    onOpen() {
      events.opened.resolve();
    },
    onMessage: (text) => void told.push(text ?? '(binary)'),
    onRefused(detail) {
      told.push(`refused: ${detail}`);
      events.ended.resolve();
    },
    onLost(code) {
      told.push(`lost: ${code}`);
      events.ended.resolve();
    },
  });
  const connected = once(server, 'connection') as Promise<[WebSocket]>;
  socket.open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const open = async () => {
    const [application] = await connected;
    await events.opened.promise;
    return application;
  };
  return { socket, told, open, ended: events.ended.promise };
}
const received = async (application: WebSocket) => String((await once(application, 'message'))[0]);

it('carries messages both ways and closes in order', async (t) => {
  const { socket, told, open } = await setUp(t);
  const application = await open();
  const closed = once(application, 'close');
  const first = received(application);
  socket.send('hello');
  assert.equal(await first, 'hello');
  application.send(Buffer.from([1]));
  application.send('answer');
  while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  socket.close();
  assert.equal((await closed)[0], 1000);
  assert.deepEqual(told, ['(binary)', 'answer']);
});

it('tells when it is refused, and when it is lost', async (t) => {
  const refused = await setUp(t, { refuse: true });
  await refused.ended;
  assert.deepEqual(refused.told, ['refused: refused by the fault knob']);
  const lost = await setUp(t);
  (await lost.open()).close(1011);
  await lost.ended;
  assert.deepEqual(lost.told, ['lost: 1011']);
});

it('takes the time of the way in both directions, the end included', async (t) => {
  const oneWayMs = 40;
  const { socket, told, open } = await setUp(t, { oneWayMs });
  const application = await open();
  const sentMs = performance.now();
  const first = received(application);
  socket.send('there');
  await first;
  assert.ok(performance.now() - sentMs >= oneWayMs - 1);
  application.send('back');
  while (told.length < 1) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(performance.now() - sentMs >= 2 * oneWayMs - 2);
  const last = received(application);
  const closed = once(application, 'close');
  socket.send('goodbye');
  socket.close();
  assert.equal(await last, 'goodbye');
  await closed;
});

it('stalls, and then lets everything go in one burst', async (t) => {
  const { socket, open } = await setUp(t);
  const application = await open();
  const arrivedMs: number[] = [];
  application.on('message', () => arrivedMs.push(performance.now()));
  const startedMs = performance.now();
  socket.stallFor(60);
  for (let i = 0; i < 5; i++) socket.send(String(i));
  while (arrivedMs.length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(arrivedMs[0]! - startedMs >= 59);
});

it('can be open and dead: nothing comes out of it, nothing is read, no ping is answered', async (t) => {
  const { socket, told, open } = await setUp(t, { blackHole: true });
  const application = await open();
  let alive = 0;
  application.on('message', () => alive++);
  application.on('pong', () => alive++);
  socket.send('hello?');
  application.send('hello?');
  application.ping();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([alive, told], [0, []]);
  assert.ok(socket.isOpen);
  socket.close();
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  assert.equal(application.readyState, application.OPEN);
  // Not for ever: whoever lives long keeps no socket of a call that is over.
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  assert.equal(application.readyState, application.CLOSED);
});
