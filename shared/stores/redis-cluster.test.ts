// The stores in a real Redis cluster of three servers: their contracts, and what becomes of them when a server dies, comes back, or gives keys away.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisCluster } from '../../simulator/redis-cluster.ts';
import type { CallId } from '../call/call.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { testBridgeLoads } from './bridge-loads.contract.ts';
import { testCallLeases } from './call-leases.contract.ts';
import { listen, makeEvent, newCallId, testCallStream } from './call-stream.contract.ts';
import type { CallStream } from './call-stream.ts';
import { testDialCounts } from './dial-counts.contract.ts';
import { createEntraCredentials } from './redis-credentials.ts';
import { appendAtLast, patientMs, until, untilWell } from './testing/patience.ts';
import { openRedisStores, startOwnRedis } from './testing/redis-lab.ts';

const isCluster = true;
const installed = await startRedisCluster();
const skip = installed ? false : 'redis-server is not installed';
const cluster = installed!;
/** Connections to three servers take more than what callers may wait for, where others use the machine too. */
const limitMs = 3_000;
const unavailable = (problem: RegExp) => ({ code: 'STORE_UNAVAILABLE', message: problem });

describe('the Redis stores in a cluster', { skip, timeout: 90_000 }, async () => {
  const one = skip ? undefined! : openRedisStores({ after }, cluster.url, { isCluster, limitMs: patientMs });
  const two = skip
    ? undefined!
    : openRedisStores({ after }, cluster.servers[1]!.url, { isCluster, limitMs: patientMs });
  after(() => cluster.stop());
  const pass = (ms: number) => sleep(ms);

  async function findServer(tag: string) {
    for (const server of cluster.servers) {
      // A server says of a key that is not its own where it is.
      const isOwner = await server.ask('GET', `{${tag}}`).then(
        () => true,
        () => false,
      );
      if (isOwner) return server;
    }
    throw new Error(`no server has {${tag}}`);
  }

  describe('RedisCallStream', () => testCallStream(() => ({ stream: one.stream, another: two.stream })));
  describe('RedisCallLeases', () => testCallLeases(() => ({ leases: one.leases, another: two.leases, pass })));
  describe('RedisDialCounts', () => testDialCounts(() => ({ counts: one.dialCounts, another: two.dialCounts, pass })));
  describe('RedisBridgeLoads', () =>
    testBridgeLoads(async () => {
      await (await findServer('bridges')).ask('DEL', 'parley:{bridges}:loads', 'parley:{bridges}:peaks');
      return { loads: one.bridgeLoads, another: two.bridgeLoads, pass };
    }));

  it('have leases on each of its servers', async () => {
    for (let n = 0; n < 60; n++) await one.leases.acquire(`spread-${randomUUID()}`, 'a', 60_000);
    for (const server of cluster.servers) {
      const keys = (await server.ask('KEYS', 'parley:lease:{spread-*')) as string[];
      assert.ok(keys.length > 0, server.url);
    }
  });

  it('follow keys that move to another server', async () => {
    const name = randomUUID();
    const held = await one.leases.acquire(name, 'a', 60_000);
    const slot = String(await cluster.servers[0]!.ask('CLUSTER', 'KEYSLOT', `{${name}}`));
    const from = await findServer(name);
    const to = cluster.servers.find((server) => server !== from)!;
    const idOf = async (server: typeof from) => String(await server.ask('CLUSTER', 'MYID'));
    const [fromId, toId] = [await idOf(from), await idOf(to)];
    await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
    await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
    const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, '10')) as string[];
    await from.ask('MIGRATE', '127.0.0.1', new URL(to.url).port, '', '0', '5000', 'KEYS', ...keys);
    // In the midst of it, each server knows only the half.
    assert.deepEqual(await one.leases.find(name), held);
    for (const server of cluster.servers) await server.ask('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
    assert.deepEqual(await two.leases.find(name), held);
    assert.equal(await one.leases.renew(held!, 60_000), true);
  });

  for (const [what, tag] of [
    ['calls', 'calls'],
    ['what is being said', 'parley:partials'],
  ] as const) {
    it(`fail fast while the server of ${what} is dead, and serve and tell listeners again when it is back`, async (t) => {
      const stores = openRedisStores(t, cluster.url, { isCluster, limitMs });
      const callId = newCallId();
      const { heard, unsubscribe } = listen(stores.stream, callId, 2);
      const partials: string[] = [];
      const unsubscribePartials = stores.stream.subscribePartials(callId, ({ text }) => partials.push(text));
      await appendAtLast(stores.stream, makeEvent(callId, { type: 'call-ringing' }, 'before'));
      await sayUntilHeard(two.stream, callId, 'before', partials);
      await until('before is heard', () => heard.at(-1)?.id === 'before');
      const victim = await findServer(tag);

      await victim.stop();
      const killedMs = performance.now();
      // The others serve their keys until they know that they cannot serve all.
      await assert.rejects(
        async () => {
          while (performance.now() - killedMs < 30_000) await stores.stream.append(makeEvent(callId));
        },
        { code: 'STORE_UNAVAILABLE' },
      );

      await victim.restart();
      await cluster.untilWhole();
      await untilWell(stores.stream);
      await appendAtLast(stores.stream, makeEvent(callId, { type: 'call-connected' }, 'after'));
      await until('after is heard', () => heard.at(-1)?.id === 'after');
      await untilWell(two.stream);
      await sayUntilHeard(two.stream, callId, 'after', partials);
      unsubscribe();
      unsubscribePartials();
    });
  }

  it('that are opened while a server is dead serve once it is back', async (t) => {
    const [first, second, third] = cluster.servers;
    await third!.stop();
    const stores = [first, second, third].map((server) => openRedisStores(t, server!.url, { isCluster, limitMs }));
    await Promise.all(stores.map(({ stream }) => assert.rejects(stream.ping(), { code: 'STORE_UNAVAILABLE' })));
    const callId = newCallId();
    const listeners = stores.map(({ stream }) => listen(stream, callId, 1));
    // By then each of them has begun to look for the cluster anew.
    await sleep(1_500);
    await third!.restart();
    await cluster.untilWhole();
    for (const { stream, leases } of stores) {
      await untilWell(stream);
      for (let n = 0; n < 20; n++) assert.ok(await leases.acquire(randomUUID(), 'a', 1_000));
    }
    await appendAtLast(stores[0]!.stream, makeEvent(callId));
    for (const { all } of listeners) await all;
  });

  it('sign in by token at each of its servers', async (t) => {
    const oid = '11111111-2222-3333-4444-555555555555';
    const claims = Buffer.from(JSON.stringify({ oid })).toString('base64url');
    for (const { ask } of cluster.servers)
      await ask('ACL', 'SETUSER', oid, 'on', `>a.${claims}.c`, '~*', '&*', '+@all');
    const getToken = async () => ({ token: `a.${claims}.c`, expiresOnTimestamp: Date.now() + 3_600_000 });
    const credentials = createEntraCredentials({ getToken }, silentLogger);
    const { leases } = openRedisStores(t, cluster.url, { isCluster, credentials, limitMs });
    for (let n = 0; n < 30; n++) await leases.find(randomUUID());
    for (const { ask, url } of cluster.servers)
      assert.match(String(await ask('CLIENT', 'LIST')), new RegExp(`name=parley-test .*user=${oid}`), url);
  });

  it('go on with the replica of a server that died, also those that are opened meanwhile', async (t) => {
    const [before, calls] = [openRedisStores(t, cluster.url, { isCluster, limitMs }), await findServer('calls')];
    const callId = newCallId();
    const { heard, unsubscribe } = listen(before.stream, callId, 3);
    const add = (stream: CallStream, id: string) =>
      appendAtLast(stream, makeEvent(callId, { type: 'call-ringing' }, id));
    await cluster.addReplicaOf(calls);
    await add(before.stream, 'before');
    // What a server has told nobody goes with it.
    const isTold = async () => {
      const text = String(await calls.ask('INFO', 'replication'));
      return /master_repl_offset:(\d+)/.exec(text)?.[1] === /slave0:.*offset=(\d+)/.exec(text)?.[1];
    };
    await until('the replica is told', isTold);
    await calls.stop();
    const root = cluster.servers.find((server) => server !== calls)!;
    const after = openRedisStores(t, root.url, { isCluster, limitMs });
    await assert.rejects(after.stream.ping(), { code: 'STORE_UNAVAILABLE' });
    await untilWell(before.stream);
    await untilWell(after.stream);
    await add(before.stream, 'by who was there');
    await add(after.stream, 'by who came');
    await until('by who came is heard', () => heard.at(-1)?.id === 'by who came');
    assert.equal((await after.stream.read(callId))[0]?.id, 'before');
    unsubscribe();
  });

  it('say so when the cluster is taken for one server, and one server for a cluster', async (t) => {
    const lines: unknown[] = [];
    const log = { ...silentLogger, error: (...line: unknown[]) => lines.push(line) } as unknown as Logger;
    const asServer = openRedisStores(t, cluster.url, { log, limitMs });
    const problems = await Promise.all(
      Array.from({ length: 20 }, () => asServer.leases.find(randomUUID()).then(() => '', String)),
    );
    assert.ok(
      problems.some((problem) => problem.includes('it is a cluster: set REDIS_CLUSTER (MOVED)')),
      problems[0],
    );
    assert.match(JSON.stringify(lines), /"REDIS_CLUSTER".*set REDIS_CLUSTER=true/);
    const { url } = await startOwnRedis(t);
    const asCluster = openRedisStores(t, url, { isCluster });
    await assert.rejects(asCluster.stream.ping(), unavailable(/it is no cluster: unset REDIS_CLUSTER/));
  });
});

/** What is said is kept by nobody: it is said until somebody hears it. */
async function sayUntilHeard(
  stream: ReturnType<typeof openRedisStores>['stream'],
  callId: CallId,
  text: string,
  heard: readonly string[],
): Promise<void> {
  let at = Date.now();
  await until(`${text} is heard`, () => {
    stream.publishPartial({ callId, at, role: 'caller', text });
    at += 5_000;
    return heard.at(-1) === text;
  });
}
