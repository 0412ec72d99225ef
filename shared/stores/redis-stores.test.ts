// The stores in Redis, against a real one: their contracts, and what they do in Redis.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisServer } from '../../simulator/redis-server.ts';
import { testBridgeLoads } from './bridge-loads.contract.ts';
import { testCallLeases } from './call-leases.contract.ts';
import { listen, makeEvent, newCallId, testCallStream } from './call-stream.contract.ts';
import { testDialCounts } from './dial-counts.contract.ts';
import { testLookUpStore } from './look-up-store.contract.ts';
import { openRedisServer } from './redis-server-link.ts';
import { patientMs, until } from './testing/patience.ts';
import { openAdmin, openRedisStores } from './testing/redis-lab.ts';

const said = { type: 'turn-finished', role: 'caller', interrupted: false } as const;
const installed = await startRedisServer();
const skip = installed ? false : 'redis-server is not installed';
const shared = installed!;

describe('the Redis stores', { skip, timeout: 60_000 }, async () => {
  const one = skip ? undefined! : openRedisStores({ after }, shared.url, { limitMs: patientMs });
  const two = skip ? undefined! : openRedisStores({ after }, shared.url, { limitMs: patientMs });
  const admin = skip ? undefined! : await openAdmin({ after }, shared.url);
  after(() => shared.stop());

  describe('RedisBridgeLoads', () => {
    const keys = ['parley:{bridges}:loads', 'parley:{bridges}:peaks'];

    testBridgeLoads(async () => {
      await admin.del(keys);
      return { loads: one.bridgeLoads, another: two.bridgeLoads, pass: (ms) => sleep(ms) };
    });

    it('forgets the most calls after a quarter of an hour, and itself when no bridge says anything', async () => {
      await admin.del(keys);
      const minute = Math.floor(Date.now() / 60_000);
      await admin.hSet(keys[1]!, { [minute - 15]: '40', [minute - 13]: '6' });
      assert.equal(await one.bridgeLoads.peakCalls(), 6);
      await one.bridgeLoads.report({ replica: 'one', calls: 2, freePlaces: 48 }, 1000);
      assert.equal(await admin.hExists(keys[1]!, String(minute - 15)), 0);
      for (const key of keys) assert.ok((await admin.pTTL(key)) > 14 * 60_000);
    });
  });

  describe('RedisLookUps', () => {
    testLookUpStore(async () => ({ lookUps: one.lookUps, another: two.lookUps, pass: (ms) => sleep(ms) }));
  });

  describe('RedisCallStream', () => {
    testCallStream(() => ({ stream: one.stream, another: two.stream }));

    it('lets an ended call go an hour after the history has it, and any other after a day', async () => {
      const callId = newCallId();
      const ttl = () => admin.pTTL(`parley:{calls}:events:${callId}`);
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

    it('makes the commands of all connections once', async (t) => {
      const how = { url: shared.url, onReady: () => {}, onError: () => {}, hasPings: true } as const;
      const links = [
        openRedisServer({ ...how, idleTimeoutMs: 1_000, isPatient: false }),
        openRedisServer({ ...how, idleTimeoutMs: 2_000, isPatient: true, name: 'another' }),
      ];
      t.after(() => {
        for (const link of links) link.destroy();
      });
      const commands = await Promise.all(links.map((link) => link.run(async (client) => client.xRange)));
      assert.equal(commands[0], commands[1]);
    });

    it('holds no connection that is given up as soon as it is asked for', async () => {
      const ready: string[] = [];
      const how = { url: shared.url, onReady: () => ready.push('ready'), onError: () => {}, hasPings: true } as const;
      const early = openRedisServer({ ...how, idleTimeoutMs: 1_000, isPatient: false });
      early.destroy();
      const late = Promise.withResolvers<void>();
      const link = openRedisServer({ ...how, idleTimeoutMs: 1_000, isPatient: false, onReady: () => late.resolve() });
      await late.promise;
      await until('it is given up', () => !early.isReady);
      link.destroy();
      assert.ok(ready.length <= 1, 'it is not opened again and again');
    });

    it('sends only what changed of a turn, and the whole of it now and then', async (t) => {
      const callId = newCallId();
      const sent: unknown[] = [];
      const spy = await openAdmin(t, shared.url);
      await spy.subscribe('parley:partials', (message) => {
        if (message.includes(callId)) sent.push(...JSON.parse(message));
      });
      const say = (at: number, text: string) => one.stream.publishPartial({ callId, at, role: 'caller', text });
      say(0, 'I would');
      say(150, 'I would like');
      say(300, 'I would love to');
      say(2000, 'I would love to go');
      await one.stream.append(makeEvent(callId, { ...said, text: 'I would love to go.' }));
      say(2150, 'Now');
      await until('five are sent', () => sent.length >= 5);
      const fields = { callId, role: 'caller' };
      assert.deepEqual(sent, [
        { ...fields, at: 0, serial: 1, keep: 0, text: 'I would' },
        { ...fields, at: 150, serial: 2, keep: 7, text: ' like' },
        { ...fields, at: 300, serial: 3, keep: 9, text: 'ove to' },
        { ...fields, at: 2000, serial: 4, keep: 0, text: 'I would love to go' },
        { ...fields, at: 2150, serial: 1, keep: 0, text: 'Now' },
      ]);
    });

    it('sends what is said in several calls together, and before the turn is finished', async (t) => {
      const calls = Array.from({ length: 40 }, () => newCallId());
      const messages: { callId: string }[][] = [];
      const spy = await openAdmin(t, shared.url);
      await spy.subscribe('parley:partials', (message) => messages.push(JSON.parse(message)));
      const { all, unsubscribe } = listen(one.stream, calls[0]!, 1);
      for (const callId of calls) one.stream.publishPartial({ callId, at: 0, role: 'caller', text: 'Hello' });
      await one.stream.append(makeEvent(calls[0]!, { ...said, text: 'Hello.' }));
      await all;
      unsubscribe();
      const ours = messages.flat().filter(({ callId }) => calls.some((one) => one === callId));
      assert.deepEqual(
        ours.map(({ callId }) => callId),
        calls,
      );
      assert.ok(messages.length <= 3, `${messages.length} messages`);
    });

    it('shows nothing of a turn after a change was lost, until its whole text comes', async () => {
      const callId = newCallId();
      const texts: string[] = [];
      const unsubscribe = one.stream.subscribePartials(callId, ({ text }) => texts.push(text));
      const send = (serial: number, keep: number, text: string) =>
        admin.publish('parley:partials', JSON.stringify({ callId, at: 1, role: 'agent', serial, keep, text }));
      while (texts.length === 0) await send(1, 0, 'One');
      await send(3, 3, ' three');
      await admin.publish('parley:partials', '{oops');
      await send(4, 0, 'One two three four');
      await send(5, 18, ' five');
      await until('all is heard', () => texts.at(-1) === 'One two three four five');
      assert.deepEqual([...new Set(texts)], ['One', 'One two three four', 'One two three four five']);
      unsubscribe();
    });

    it('survives what is not ours in the feed', async () => {
      const callId = newCallId();
      const { all, unsubscribe } = listen(one.stream, callId, 1);
      await admin.xAdd('parley:{calls}:feed', '*', { event: '{oops' });
      await admin.xAdd('parley:{calls}:feed', '*', { other: 'field' });
      await one.stream.append(makeEvent(callId));
      assert.equal((await all).length, 1);
      unsubscribe();
    });

    it('reads the feed over one connection, however many listen', async (t) => {
      const own = openRedisStores(t, shared.url, { limitMs: patientMs });
      const connections = async () => /connected_clients:(\d+)/.exec(await admin.info('clients'))?.[1];
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
      await admin.del([`parley:lease:{${name}}`, `parley:lease:{${name}}:fence`]);
      await sleep(2);
      assert.ok((await two.leases.acquire(name, 'b', 60_000))!.fence > before!.fence);
    });
  });

  describe('RedisDialCounts', () => {
    // Redis counts by its own clock, as above.
    testDialCounts(() => ({ counts: one.dialCounts, another: two.dialCounts, pass: (ms) => sleep(ms) }));

    it('leaves no key in Redis for longer than it counts', async () => {
      const caps = [{ name: `number:${randomUUID()}`, limit: 3, windowMs: 5_000 }];
      const order = { id: randomUUID(), target: 'x', token: randomUUID(), caps };
      await one.dialCounts.claim(order, 1_000);
      await one.dialCounts.confirm(order);
      await one.dialCounts.hold('parallel-of-this-test', order.id, 3_000);
      const ttl = (key: string) => admin.pTTL(`parley:{dials}:${key}`);
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
});
