// The stores in Redis, against a real one: their contracts, and what happens when Redis dies, freezes or is not there.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { startRedisServer } from '../../simulator/redis-server.ts';
import { silentLogger } from '../logger.ts';
import { testCallLeases } from './call-leases.contract.ts';
import { listen, makeEvent, newCallId, testCallStream } from './call-stream.contract.ts';
import { testDialCounts } from './dial-counts.contract.ts';
import { RedisCallLeases } from './redis-call-leases.ts';
import { RedisCallStream } from './redis-call-stream.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisDialCounts } from './redis-dial-counts.ts';

const log = silentLogger;
const said = { type: 'turn-finished', role: 'caller', interrupted: false } as const;
const installed = await startRedisServer();
const skip = installed ? false : 'redis-server is not installed';
const shared = installed!;

type Cleaner = { after(fn: () => Promise<void>): void };

/** A process's worth of stores, closed after the test whatever becomes of it: closing again does no harm. */
async function openStores(t: Cleaner, url: string) {
  const redis = await RedisConnection.open(url, { name: 'parley-test', log });
  const stream = new RedisCallStream(redis, log);
  const close = async () => {
    await stream.close();
    await redis.close();
  };
  t.after(close);
  return { redis, stream, leases: new RedisCallLeases(redis), counts: new RedisDialCounts(redis), close };
}

async function startOwnRedis(t: Cleaner, port?: number) {
  const server = (await startRedisServer({ port }))!;
  t.after(server.stop);
  return server;
}

/** A way to Redis that can be cut while Redis lives. */
async function openLink(t: Cleaner, url: string) {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(end.on('error', () => {}).on('close', () => other.destroy()));
      end.pipe(other);
    }
  });
  const listenOn = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  await listenOn(0);
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    server.close();
    for (const end of ends) end.destroy();
    ends.clear();
  };
  t.after(async () => cut());
  return { url: `redis://127.0.0.1:${port}`, cut, mend: () => listenOn(port) };
}

/** Only Redis itself says when it can be had again. */
async function answers(stream: RedisCallStream): Promise<void> {
  for (;;) {
    try {
      return await stream.ping();
    } catch {
      await sleep(20);
    }
  }
}

describe('the Redis stores', { skip, timeout: 60_000 }, async () => {
  const one = skip ? undefined! : await openStores({ after }, shared.url);
  const two = skip ? undefined! : await openStores({ after }, shared.url);
  after(() => shared.stop());

  describe('RedisCallStream', () => {
    testCallStream(() => ({ stream: one.stream, another: two.stream }));

    it('lets an ended call go an hour after the history has it, and any other after a day', async () => {
      const callId = newCallId();
      const ttl = () => one.redis.run((client) => client.pTTL(`parley:{calls}:events:${callId}`));
      const save = async () => one.stream.markSaved(callId, (await one.stream.readOn(callId, undefined)).cursor);
      await one.stream.append(makeEvent(callId));
      await save();
      assert.ok((await ttl()) > 23 * 3_600_000);
      await one.stream.append(makeEvent(callId, { type: 'call-ended', reason: 'busy' }));
      assert.ok((await ttl()) > 23 * 3_600_000, 'the history does not have its end yet');
      await save();
      assert.ok((await ttl()) <= 3_600_000);
      await one.stream.append(makeEvent(callId, { type: 'media-stopped', replica: 'r', clean: true }));
      assert.ok((await ttl()) > 23 * 3_600_000, 'the history lacks the late event');
      await save();
      assert.ok((await ttl()) <= 3_600_000);
    });

    it('reads a call from its beginning when Redis lost its data and numbers anew', async () => {
      const callId = newCallId();
      await one.stream.append(makeEvent(callId, { type: 'call-ringing' }, 'new'));
      const { events } = await one.stream.readOn(callId, '9999999999999-0');
      assert.deepEqual(
        events.map(({ id }) => id),
        ['new'],
      );
    });

    it('sends only what changed of a turn, and the whole of it now and then', async () => {
      const callId = newCallId();
      const sent: unknown[] = [];
      const spy = one.redis.openSubscriber();
      await spy.subscribe('parley:partials', (message) => {
        if (message.includes(callId)) sent.push(JSON.parse(message));
      });
      const say = (at: number, text: string) => one.stream.publishPartial({ callId, at, role: 'caller', text });
      say(0, 'I would');
      say(150, 'I would like');
      say(300, 'I would love to');
      say(2000, 'I would love to go');
      await one.stream.append(makeEvent(callId, { ...said, text: 'I would love to go.' }));
      say(2150, 'Now');
      while (sent.length < 5) await sleep(5);
      spy.destroy();
      const fields = { callId, role: 'caller' };
      assert.deepEqual(sent, [
        { ...fields, at: 0, serial: 1, keep: 0, text: 'I would' },
        { ...fields, at: 150, serial: 2, keep: 7, text: ' like' },
        { ...fields, at: 300, serial: 3, keep: 9, text: 'ove to' },
        { ...fields, at: 2000, serial: 4, keep: 0, text: 'I would love to go' },
        { ...fields, at: 2150, serial: 1, keep: 0, text: 'Now' },
      ]);
    });

    it('shows nothing of a turn after a change was lost, until its whole text comes', async () => {
      const callId = newCallId();
      const texts: string[] = [];
      const unsubscribe = one.stream.subscribePartials(callId, ({ text }) => texts.push(text));
      const send = (serial: number, keep: number, text: string) =>
        two.redis.run((client) =>
          client.publish('parley:partials', JSON.stringify({ callId, at: 1, role: 'agent', serial, keep, text })),
        );
      while (texts.length === 0) await send(1, 0, 'One');
      await send(3, 3, ' three');
      await two.redis.run((client) => client.publish('parley:partials', '{oops'));
      await send(4, 0, 'One two three four');
      await send(5, 18, ' five');
      while (texts.at(-1) !== 'One two three four five') await sleep(5);
      assert.deepEqual([...new Set(texts)], ['One', 'One two three four', 'One two three four five']);
      unsubscribe();
    });

    it('survives what is not ours in the feed', async () => {
      const callId = newCallId();
      const { all, unsubscribe } = listen(one.stream, callId, 1);
      await one.redis.run((client) => client.xAdd('parley:{calls}:feed', '*', { event: '{oops' }));
      await one.redis.run((client) => client.xAdd('parley:{calls}:feed', '*', { other: 'field' }));
      await one.stream.append(makeEvent(callId));
      assert.equal((await all).length, 1);
      unsubscribe();
    });

    it('reads the feed over one connection, however many listen', async (t) => {
      const own = await openStores(t, shared.url);
      const connections = async () =>
        (await one.redis.run((client) => client.sendCommand(['INFO', 'clients'])))!
          .toString()
          .match(/connected_clients:(\d+)/)![1];
      const callId = newCallId();
      const first = listen(own.stream, callId, 1);
      await own.stream.append(makeEvent(callId));
      await first.all;
      const before = await connections();
      const more = Array.from({ length: 20 }, () => listen(own.stream, callId, 1));
      await own.stream.append(makeEvent(callId));
      await Promise.all(more.map(({ all }) => all));
      assert.equal(await connections(), before);
    });
  });

  describe('RedisCallLeases', () => {
    // Redis counts by its own clock: this one wait cannot be injected.
    testCallLeases(() => ({ leases: one.leases, another: two.leases, pass: (ms) => sleep(ms) }));

    it('gives a higher fence even after Redis lost its data', async () => {
      const name = randomUUID();
      const before = await one.leases.acquire(name, 'a', 60_000);
      await one.redis.run((client) => client.del([`parley:lease:{${name}}`, `parley:lease:{${name}}:fence`]));
      await sleep(2);
      assert.ok((await two.leases.acquire(name, 'b', 60_000))!.fence > before!.fence);
    });
  });

  describe('RedisDialCounts', () => {
    // Redis counts by its own clock, as above.
    testDialCounts(() => ({ counts: one.counts, another: two.counts, pass: (ms) => sleep(ms) }));

    it('leaves no key in Redis for longer than it counts', async () => {
      const caps = [{ name: `number:${randomUUID()}`, limit: 3, windowMs: 5_000 }];
      const order = { id: randomUUID(), target: 'x', token: randomUUID(), caps };
      await one.counts.claim(order, 1_000);
      await one.counts.confirm(order);
      await one.counts.hold('parallel-of-this-test', order.id, 3_000);
      const ttl = (key: string) => one.redis.run((client) => client.pTTL(`parley:{dials}:${key}`));
      for (const [key, mostMs] of [
        [`order:${order.id}`, 24 * 3_600_000],
        [`cap:${caps[0]!.name}`, 5_000],
        ['cap:parallel-of-this-test', 3_000],
      ] as const) {
        const ms = await ttl(key);
        assert.ok(ms > 0 && ms <= mostMs, `${key}: ${ms}`);
      }
    });
  });

  it('fails fast while Redis is dead, and serves and tells listeners again when it is back', async (t) => {
    const server = await startOwnRedis(t);
    const { stream, leases } = await openStores(t, server.url);
    const callId = newCallId();
    const { heard, all, unsubscribe } = listen(stream, callId, 2);
    const started = listen(stream, callId, 1);
    await stream.append(makeEvent(callId, { type: 'call-ringing' }, 'before'));
    await started.all;

    await server.stop();
    stream.publishPartial({ callId, at: 1, role: 'caller', text: 'lost' });
    await assert.rejects(stream.append(makeEvent(callId)), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(stream.read(callId), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(leases.acquire('name', 'a', 1000), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(stream.ping(), { code: 'STORE_UNAVAILABLE' });

    await startOwnRedis(t, Number(new URL(server.url).port));
    await answers(stream);
    await stream.append(makeEvent(callId, { type: 'call-connected' }, 'after'));
    await all;
    assert.deepEqual([...new Set(heard.map(({ id }) => id))], ['before', 'after']);
    unsubscribe();
  });

  it('fills the gap when only the connection was lost', async (t) => {
    const { stream } = await openStores(t, shared.url);
    const callId = newCallId();
    const first = listen(stream, callId, 1);
    const { heard, unsubscribe } = listen(stream, callId, 4);
    await stream.append(makeEvent(callId, { type: 'call-ringing' }, '1'));
    await first.all;
    // Cuts every connection but the one that asks, which belongs to the other process; it goes on appending at once.
    await Promise.all([
      two.redis.run((client) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])),
      ...['2', '3', '4'].map((id) => two.stream.append(makeEvent(callId, { type: 'call-ringing' }, id))),
    ]);
    while (heard.at(-1)?.id !== '4') await sleep(5);
    assert.deepEqual([...new Set(heard.map(({ id }) => id))], ['1', '2', '3', '4']);
    unsubscribe();
    await answers(one.stream);
  });

  it('tells a listener what others appended while this process could not reach Redis', async (t) => {
    const link = await openLink(t, shared.url);
    const { stream } = await openStores(t, link.url);
    const callId = newCallId();
    link.cut();
    await assert.rejects(stream.ping());
    // It cannot ask now from where it is to read on.
    const { heard, unsubscribe } = listen(stream, callId, 1);
    await two.stream.append(makeEvent(callId, { type: 'call-ended', reason: 'caller-hung-up' }, 'end'));
    await link.mend();
    while (heard.length === 0) await sleep(5);
    assert.equal(heard[0]!.id, 'end');
    unsubscribe();
  });

  it('does not wait for a Redis that has frozen', async (t) => {
    const server = await startOwnRedis(t);
    const { stream } = await openStores(t, server.url);
    process.kill(server.pid, 'SIGSTOP');
    await assert.rejects(stream.append(makeEvent(newCallId())), { code: 'STORE_UNAVAILABLE' });
    process.kill(server.pid, 'SIGCONT');
    await answers(stream);
  });

  it('closes while Redis is dead', async (t) => {
    const server = await startOwnRedis(t);
    const { stream, close } = await openStores(t, server.url);
    stream.subscribe('all', () => {});
    await server.stop();
    await assert.rejects(stream.ping());
    await close();
    await close();
  });

  it('says at start that the password is refused, without telling it', async () => {
    const admin = createClient({ url: shared.url });
    admin.on('error', () => {});
    await admin.connect();
    await admin.sendCommand(['ACL', 'SETUSER', 'guarded', 'on', '>right-password', '~*', '+@all']);
    const { host } = new URL(shared.url);
    await assert.rejects(RedisConnection.open(`redis://guarded:wrong-password@${host}`, { log }), (error: Error) => {
      assert.equal((error as { code?: string }).code, 'BAD_SETTING');
      assert.match(error.message, /^REDIS_URL \(redis:\/\/127\.0\.0\.1:\d+\)/);
      return true;
    });
    await (await RedisConnection.open(`redis://guarded:right-password@${host}`, { log })).close();
    await admin.close();
  });
});

it('gives up at start on a Redis that is not there or never answers, naming REDIS_URL', async (t) => {
  const mute = createServer((socket) => t.after(() => socket.destroy())).listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as { port: number };
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port: closedPort } = gone.address() as { port: number };
  gone.close();
  await Promise.all(
    [port, closedPort].map((at) =>
      assert.rejects(RedisConnection.open(`redis://:secret@127.0.0.1:${at}`, { log, openTimeoutMs: 300 }), {
        code: 'STORE_UNAVAILABLE',
        message: `REDIS_URL (redis://127.0.0.1:${at}): Redis does not answer`,
      }),
    ),
  );
  mute.close();
});
