// What those who watch calls are sent, over real sockets.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, mock, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import type { CallId } from '../shared/call/call.ts';
import type { CallEvent, CallFact } from '../shared/call/call-event.ts';
import { AppError } from '../shared/errors.ts';
import { silentLogger } from '../shared/logger.ts';
import { MemoryCallStream } from '../shared/stores/memory-call-stream.ts';
import { serveLiveFeed } from './live-feed.ts';

const callId = 'call-1' as CallId;
const said = (text: string, id: string, of: CallId = callId) =>
  ({ type: 'turn-finished', role: 'caller', text, interrupted: false, id, callId: of, at: 1 }) satisfies CallFact &
    Record<string, unknown>;

/** Reads when the test lets it. */
class SlowStream extends MemoryCallStream {
  gate = async (): Promise<void> => {};
  listeners = 0;
  override async read(id: CallId): Promise<readonly CallEvent[]> {
    await this.gate();
    return super.read(id);
  }
  override subscribe(...args: Parameters<MemoryCallStream['subscribe']>) {
    this.listeners += 1;
    const unsubscribe = super.subscribe(...args);
    let isOn = true;
    return () => {
      if (isOn) this.listeners -= 1;
      isOn = false;
      unsubscribe();
    };
  }
}

async function watch(t: TestContext, stream: SlowStream, of: CallId | 'all' = callId, showsNumbers = true) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const watcher = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: { type: string; text?: string; call_id: string; details?: { remoteParty?: string } }[] = [];
  const numbers: number[] = [];
  let waiting: (() => void)[] = [];
  watcher.on('message', (data) => {
    const message = JSON.parse(String(data));
    numbers.push(message.seq);
    if (message.type === 'ping') return;
    received.push(message);
    for (const wake of waiting.splice(0)) wake();
  });
  const [socket] = (await accepted) as [WebSocket];
  if (watcher.readyState !== WebSocket.OPEN) await once(watcher, 'open');
  t.after(() => {
    watcher.terminate();
    socket.terminate();
    server.close();
  });
  const serving = serveLiveFeed({ socket, stream, calls: of, showsNumbers, log: silentLogger });
  return {
    socket,
    watcher,
    serving,
    received,
    numbers,
    async texts(count: number) {
      while (received.length < count) await new Promise<void>((resolve) => (waiting = [...waiting, resolve]));
      return received.map(({ text }) => text);
    },
  };
}

describe('serveLiveFeed', () => {
  it('sends what happened so far, and then what happens', async (t) => {
    const stream = new SlowStream();
    await stream.append(said('one', '1'));
    await stream.append(said('two', '2'));
    const { serving, texts } = await watch(t, stream);
    await serving;
    await stream.append(said('three', '3'));
    stream.publishPartial({ callId, at: 2, role: 'caller', text: 'fo' });
    assert.deepEqual(await texts(4), ['one', 'two', 'three', 'fo']);
  });

  it('numbers what it sends, and says by a ping that the past has been told', async (t) => {
    const stream = new SlowStream();
    await stream.append(said('one', '1'));
    const { serving, texts, numbers } = await watch(t, stream);
    await serving;
    await stream.append(said('two', '2'));
    await texts(2);
    assert.deepEqual(numbers, [1, 2, 3]);
  });

  it('hides numbers from who may not know them', async (t) => {
    const stream = new SlowStream();
    const parties = { remoteParty: '+15550142', ourNumber: '+15550100' };
    const created = { type: 'call-created', carrier: 'acs', direction: 'inbound', agent: 'a', ...parties } as const;
    await stream.append({ ...created, id: '1', callId, at: 1 });
    const { serving, received, texts } = await watch(t, stream, callId, false);
    await serving;
    await texts(1);
    assert.equal(received[0]?.details?.remoteParty, '+••••••42');
  });

  it('shows no partial transcript of a turn that was finished', async (t) => {
    const stream = new SlowStream();
    const { serving, texts } = await watch(t, stream);
    await serving;
    await stream.append(said('one', '1'));
    stream.publishPartial({ callId, at: 1, role: 'caller', text: 'on' });
    stream.publishPartial({ callId, at: 1, role: 'agent', text: 'another speaks' });
    stream.publishPartial({ callId, at: 2, role: 'caller', text: 'tw' });
    assert.deepEqual(await texts(3), ['one', 'another speaks', 'tw']);
  });

  it('sends nothing twice and nothing out of order of what happens while it reads the past', async (t) => {
    const stream = new SlowStream();
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.gate = () => promise;
    await stream.append(said('one', '1'));
    const { serving, texts } = await watch(t, stream);
    await stream.append(said('two', '2'));
    await stream.append(said('three', '3'));
    resolve();
    await serving;
    await stream.append(said('four', '4'));
    assert.deepEqual(await texts(4), ['one', 'two', 'three', 'four']);
  });

  it('sends of all calls what happens from now on', async (t) => {
    const stream = new SlowStream();
    await stream.append(said('before', '1'));
    const { serving, texts } = await watch(t, stream, 'all');
    await serving;
    await stream.append(said('one', '2'));
    await stream.append(said('two', '2', 'call-2' as CallId));
    assert.deepEqual(await texts(2), ['one', 'two']);
  });

  it('listens no more once the watcher is gone', async (t) => {
    const stream = new SlowStream();
    const { socket, watcher, serving } = await watch(t, stream);
    await serving;
    assert.equal(stream.listeners, 1);
    watcher.terminate();
    await once(socket, 'close');
    assert.equal(stream.listeners, 0);
  });

  it('lets a watcher go that does not read', async (t) => {
    const stream = new SlowStream();
    const { socket, watcher, serving } = await watch(t, stream);
    await serving;
    watcher.pause();
    const closed = once(socket, 'close');
    const text = 'x'.repeat(100_000);
    // More than the two kernels keep between them.
    for (let i = 0; i < 300 && socket.readyState === WebSocket.OPEN; i++) {
      await stream.append(said(text, String(i)));
      await new Promise(setImmediate);
    }
    await closed;
    assert.equal(stream.listeners, 0);
  });

  it('waits for a store that is away for a moment, and tells all of it then', async (t) => {
    const stream = new SlowStream();
    await stream.append(said('one', '1'));
    let tries = 0;
    stream.gate = async () => {
      if (++tries < 3) throw new AppError('STORE_UNAVAILABLE', 'told to fail');
    };
    const { serving, texts } = await watch(t, stream);
    await stream.append(said('two', '2'));
    await serving;
    await stream.append(said('three', '3'));
    assert.deepEqual(await texts(3), ['one', 'two', 'three']);
  });

  it('asks no more for a watcher who is gone', async (t) => {
    const stream = new SlowStream();
    let tries = 0;
    stream.gate = async () => {
      tries += 1;
      throw new AppError('STORE_UNAVAILABLE', 'told to fail');
    };
    const { socket, watcher, serving } = await watch(t, stream);
    const closed = once(socket, 'close');
    watcher.terminate();
    await closed;
    await serving;
    assert.deepEqual([tries, stream.listeners], [1, 0]);
  });

  it('says so when the past cannot be read for as long as anybody would wait', async (t) => {
    const stream = new SlowStream();
    mock.timers.enable({ apis: ['setTimeout'] });
    t.after(() => mock.timers.reset());
    stream.gate = async () => {
      setImmediate(() => mock.timers.tick(250));
      throw new AppError('STORE_UNAVAILABLE', 'told to fail');
    };
    const { watcher, serving } = await watch(t, stream);
    const [code] = await once(watcher, 'close');
    await serving;
    assert.deepEqual([code, stream.listeners], [1011, 0]);
  });

  it('does not wait with ever more events for a store that does not answer', async (t) => {
    const stream = new SlowStream();
    stream.gate = () => new Promise(() => {});
    const { watcher } = await watch(t, stream);
    const closed = once(watcher, 'close');
    for (let i = 0; i <= 1000; i++) await stream.append(said('x', String(i)));
    assert.equal((await closed)[0], 1011);
    assert.equal(stream.listeners, 0);
  });
});
