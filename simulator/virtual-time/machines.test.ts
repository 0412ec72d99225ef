// Machines that are killed, paused and stopped, and links that fail, with real libraries on both sides.
import './install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import WebSocket, { WebSocketServer } from 'ws';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { virtualTime } from './install.ts';
import { reachStores } from './remote-store.ts';

let port = 5000;
let name = '';
let count = 0;

/** A machine of its own for each test: a server that says each message back, and counts seconds. */
async function startEcho() {
  name = `echo-${++count}`;
  const machine = virtualTime.machine(name);
  const seconds: number[] = [];
  const echo = await machine.start(async () => {
    const server = http.createServer((_, response) => response.end('here'));
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('message', (data) => {
        socket.send(`heard ${String(data)}`);
        // What follows from a message is the machine's too.
        setTimeout(() => socket.send(`still there after ${String(data)}`), 1000);
      });
    });
    const ticking = setInterval(() => seconds.push(performance.now()), 1000);
    server.listen(++port, '127.0.0.1');
    await once(server, 'listening');
    const stop = async () => {
      clearInterval(ticking);
      for (const socket of sockets.clients) socket.close(1001);
      server.close();
    };
    return { port, seconds, stop };
  });
  return { machine, ...echo };
}

const opened: WebSocket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.terminate();
  if (virtualTime.machine(name).isRunning) virtualTime.machine(name).kill();
  virtualTime.link(name, 'world').heal();
});

async function open(to: number): Promise<{ socket: WebSocket; heard: string[] }> {
  const socket = new WebSocket(`ws://127.0.0.1:${to}/`);
  opened.push(socket);
  const heard: string[] = [];
  socket.on('message', (data) => heard.push(String(data)));
  socket.on('error', () => {});
  await once(socket, 'open');
  return { socket, heard };
}

const refused = (to: number) =>
  assert.rejects(
    fetch(`http://127.0.0.1:${to}/`),
    ({ cause }: Error) => (cause as { code?: string }).code === 'ECONNREFUSED',
  );
const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

describe('a machine', () => {
  it('that is killed resets its sockets, and nothing of it ever runs on', async () => {
    const { machine, port, seconds } = await startEcho();
    const { socket, heard } = await open(port);
    socket.send('this');
    await sleep(500);
    const gone = closed(socket);
    machine.kill();
    assert.equal(await gone, 1006);
    await sleep(10_000);
    assert.deepEqual([heard, seconds], [['heard this'], []]);
    assert.equal(machine.isRunning, false);
    await refused(port);
  });

  it('that is killed gets no answer to what it asked for, and starts nothing more', async () => {
    const { machine } = await startEcho();
    let went = '';
    machine.run(() => {
      void readFile(import.meta.filename).then(() => {
        went = 'on after a file';
      });
      setImmediate(() => {
        went = 'on by an immediate';
      });
    });
    machine.kill();
    machine.run(() => setTimeout(() => (went = 'on by a timer'), 1));
    await sleep(100);
    assert.equal(went, '');
  });

  it('takes no connection along that another machine would ask over, nor the clock of its limits', async (t) => {
    const machines = ['asker-1', 'asker-2'].map((asker) => virtualTime.machine(asker));
    const server = http.createServer((request, response) => request.url === '/now' && response.end('here'));
    server.listen(++port, '127.0.0.1');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${port}`;
    const ask = () => fetch(`${url}/now`).then((response) => response.text());
    const askOld = () =>
      new Promise<string>((resolve, reject) => {
        const request = http.get(`${url}/now`, (response) => void response.on('data', (data) => resolve(String(data))));
        request.on('error', reject);
      });
    for (const question of [ask, askOld])
      for (const machine of machines) assert.equal(await machine.run(question), 'here');
    machines[0]!.run(() => void fetch(`${url}/never`).catch(() => {}));
    machines[0]!.kill();
    for (const question of [ask, askOld]) assert.equal(await machines[1]!.run(question), 'here');
    machines[1]!.kill();
  });

  it('that is killed can be started again, and knows nothing', async () => {
    const first = await startEcho();
    first.machine.kill();
    const again = await first.machine.start(async () => {
      const server = net.createServer((socket) => socket.end('again')).listen(first.port);
      await once(server, 'listening');
      return { stop: async () => void server.close() };
    });
    assert.equal(first.machine.isRunning, true);
    const [data] = await once(
      net.connect(first.port).on('error', () => {}),
      'data',
    );
    assert.equal(String(data), 'again');
    await again.stop();
  });

  it('that is killed is gone, whatever it held open: a server, a connection, a timer, a subscription', async () => {
    const stores = createMemoryStores();
    const born = async () => {
      const held = { name: `held-${++count}` };
      const machine = virtualTime.machine(held.name);
      const links = { live: virtualTime.link(held.name, 'redis'), history: virtualTime.link(held.name, 'cosmos') };
      const reached = reachStores(stores, links);
      await machine.start(async () => {
        const server = http.createServer((_, response) => void response.end(held.name)).listen(++port, '127.0.0.1');
        await once(server, 'listening');
        setInterval(() => held.name, 1000);
        reached.stream.subscribe('all', () => held.name);
        return { stop: async () => void server.close() };
      });
      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), held.name);
      machine.kill();
      virtualTime.forget(held.name);
      assert.notEqual(virtualTime.link(held.name, 'redis'), links.live);
      return new WeakRef(held);
    };
    const held = await born();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // What the first collection frees may have held something until then.
    for (let n = 0; n < 2; n++) {
      await sleep(1000);
      collect();
    }
    assert.equal(held.deref(), undefined);
  });

  it('that is killed is heard of no more where it waited for an answer', async () => {
    const held = http.createServer(() => {}).listen(++port, '127.0.0.1');
    await once(held, 'listening');
    const machine = virtualTime.machine(`asking-${++count}`);
    await machine.start(async () => {
      void fetch(`http://127.0.0.1:${port}/`);
      return { stop: async () => {} };
    });
    await sleep(1_000);
    machine.kill();
    // Longer than `fetch` waits for an answer.
    await sleep(400_000);
    held.close();
  });

  it('that is paused does nothing, and then everything late', async () => {
    const { machine, port, seconds } = await startEcho();
    const { socket, heard } = await open(port);
    const startedMs = performance.now();
    machine.pause();
    socket.send('this');
    await sleep(5500);
    assert.deepEqual([heard, seconds], [[], []]);
    machine.resume();
    await sleep(0);
    assert.deepEqual(heard, ['heard this']);
    // The second in which it woke is told once for each that it slept through, or once in all: late in any case.
    assert.ok(seconds.length >= 1 && seconds[0]! - startedMs >= 5500, `${seconds}`);
    await sleep(1000);
    assert.deepEqual(heard, ['heard this', 'still there after this']);
  });

  it('that has its clock wrong tells another time, and nobody else does', async () => {
    const { machine } = await startEcho();
    machine.setClockOff(-90_000);
    const [there, here] = [machine.run(() => Date.now()), Date.now()];
    const later = await machine.run(() => sleep(1_000).then(() => [Date.now(), performance.now()] as const));
    assert.equal(there, here - 90_000);
    assert.deepEqual(later, [here - 89_000, performance.now()]);
    machine.setClockOff(0);
    assert.equal(
      machine.run(() => Date.now()),
      Date.now(),
    );
  });

  it('that is stopped ends in order', async () => {
    const { machine, port } = await startEcho();
    const { socket } = await open(port);
    const gone = closed(socket);
    await machine.stop();
    assert.equal(await gone, 1001);
    assert.equal(machine.isRunning, false);
  });
});

describe('a link', () => {
  it('that is slow takes its time each way, and keeps the order', async () => {
    const { port } = await startEcho();
    const { socket, heard } = await open(port);
    virtualTime.link(name, 'world').slow(80, 40);
    const startedMs = performance.now();
    for (let n = 0; n < 20; n++) socket.send(`${n}`);
    while (heard.length < 20) await once(socket, 'message');
    const tookMs = performance.now() - startedMs;
    assert.ok(tookMs >= 160 && tookMs <= 240, `${tookMs} ms`);
    assert.deepEqual(
      heard,
      Array.from({ length: 20 }, (_, n) => `heard ${n}`),
    );
  });

  it('that is cut resets what is open, and takes new connections', async () => {
    const { port } = await startEcho();
    const { socket } = await open(port);
    const gone = closed(socket);
    virtualTime.link(name, 'world').cut();
    assert.equal(await gone, 1006);
    await open(port);
  });

  it('that is refused keeps what is open, and takes nothing new', async () => {
    const { port } = await startEcho();
    const { socket, heard } = await open(port);
    virtualTime.link(name, 'world').refuse();
    await refused(port);
    socket.send('this');
    await sleep(0);
    assert.deepEqual(heard, ['heard this']);
  });

  it('that is a black hole keeps both ends open and silent, until it is healed', async () => {
    const { port } = await startEcho();
    const { socket, heard } = await open(port);
    const link = virtualTime.link(name, 'world');
    link.blackHole();
    socket.send('this');
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(3000) }), {
      name: 'TimeoutError',
    });
    await sleep(60_000);
    assert.deepEqual([heard, socket.readyState], [[], WebSocket.OPEN]);
    link.heal();
    await sleep(0);
    assert.deepEqual(heard, ['heard this']);
  });
});
