// Which replica a connection goes to, and what becomes of it when the replica is no longer ready, or no longer there.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { startIngress } from './ingress.ts';

const probeEveryMs = 100;

/** Says its name to every socket, and whether it is ready to whoever asks. */
async function startReplica(t: TestContext, name: string) {
  const state = { ready: true };
  const server = createServer((_request, response) => void response.writeHead(state.ready ? 200 : 503).end());
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.send(name));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const die = () => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  };
  t.after(die);
  return { state, die, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function setUp(t: TestContext) {
  const ingress = await startIngress({ probeEveryMs });
  t.after(() => ingress.stop());
  const [one, two] = [await startReplica(t, 'one'), await startReplica(t, 'two')];
  await ingress.add(one.url);
  await ingress.add(two.url);
  const open = async () => {
    const socket = new WebSocket(ingress.url.replace('http', 'ws'));
    const [name] = await once(socket, 'message');
    return { socket, name: String(name) };
  };
  return { ingress, one, two, open };
}

it('hands connections to the replicas in turn', async (t) => {
  const { ingress, open } = await setUp(t);
  const names = [await open(), await open(), await open(), await open()].map(({ name }) => name);
  assert.deepEqual(names, ['one', 'two', 'one', 'two']);
  assert.deepEqual(
    ingress.replicas.map(({ connections }) => connections),
    [2, 2],
  );
});

it('hands new connections to those that are ready, and leaves old ones where they are', async (t) => {
  const { one, open } = await setUp(t);
  const old = await open();
  one.state.ready = false;
  await sleep(2 * probeEveryMs);
  assert.deepEqual([(await open()).name, (await open()).name], ['two', 'two']);
  assert.equal(old.socket.readyState, WebSocket.OPEN);
  one.state.ready = true;
  await sleep(2 * probeEveryMs);
  assert.deepEqual(new Set([(await open()).name, (await open()).name]), new Set(['one', 'two']));
});

it('leaves alone who was taken out', async (t) => {
  const { ingress, one, open } = await setUp(t);
  const old = await open();
  ingress.remove(one.url);
  assert.deepEqual([(await open()).name, (await open()).name], ['two', 'two']);
  assert.equal(old.socket.readyState, WebSocket.OPEN);
});

it('breaks the connections of a replica that dies, and goes to the next one before it was asked again', async (t) => {
  const { one, open } = await setUp(t);
  const lost = await open();
  one.die();
  assert.equal((await once(lost.socket, 'close'))[0], 1006);
  assert.deepEqual([(await open()).name, (await open()).name], ['two', 'two']);
});

it('answers 503 when none is ready', async (t) => {
  const { ingress, one, two } = await setUp(t);
  one.state.ready = false;
  two.state.ready = false;
  await sleep(2 * probeEveryMs);
  assert.equal((await fetch(ingress.url)).status, 503);
});
