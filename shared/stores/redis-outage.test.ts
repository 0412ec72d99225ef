// What happens when a real Redis dies, freezes, fills up, refuses or is not there: named, bounded, and over when it is back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { after, describe, it } from 'node:test';
import { startRedisServer } from '../../simulator/redis-server.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { listen, makeEvent, newCallId } from './call-stream.contract.ts';
import { appendAtLast, patientMs, until, untilWell } from './testing/patience.ts';
import { openAdmin, openRedisLink, openRedisStores, startOwnRedis } from './testing/redis-lab.ts';

const installed = await startRedisServer();
const skip = installed ? false : 'redis-server is not installed';
const shared = installed!;
const unavailable = (problem: RegExp) => ({ code: 'STORE_UNAVAILABLE', message: problem });

describe('the Redis stores', { skip, timeout: 60_000 }, () => {
  after(() => shared.stop());

  it('fails fast while Redis is dead, and serves and tells listeners again when it is back', async (t) => {
    const server = await startOwnRedis(t);
    const { stream, leases } = openRedisStores(t, server.url);
    const callId = newCallId();
    const { heard, all, unsubscribe } = listen(stream, callId, 2);
    const started = listen(stream, callId, 1);
    await appendAtLast(stream, makeEvent(callId, { type: 'call-ringing' }, 'before'));
    await started.all;

    await server.stop();
    stream.publishPartial({ callId, at: 1, role: 'caller', text: 'lost' });
    await assert.rejects(stream.append(makeEvent(callId)), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(stream.read(callId), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(leases.acquire('name', 'a', 1000), { code: 'STORE_UNAVAILABLE' });
    await assert.rejects(stream.ping(), { code: 'STORE_UNAVAILABLE' });

    await startOwnRedis(t, Number(new URL(server.url).port));
    await untilWell(stream);
    await appendAtLast(stream, makeEvent(callId, { type: 'call-connected' }, 'after'));
    await all;
    assert.deepEqual([...new Set(heard.map(({ id }) => id))], ['before', 'after']);
    unsubscribe();
  });

  it('fills the gap when only the connection was lost, however many calls are listened to', async (t) => {
    const link = await openRedisLink(t, shared.url);
    const [{ stream }, other] = [openRedisStores(t, link.url), openRedisStores(t, shared.url)];
    const callId = newCallId();
    const others = Array.from({ length: 600 }, () => stream.subscribe(newCallId(), () => {}));
    const first = listen(stream, callId, 1);
    const { heard, unsubscribe } = listen(stream, callId, 4);
    await appendAtLast(stream, makeEvent(callId, { type: 'call-ringing' }, '1'));
    await first.all;
    link.cut();
    for (const id of ['2', '3', '4']) await appendAtLast(other.stream, makeEvent(callId, { type: 'call-ringing' }, id));
    await link.mend();
    await until('the fourth is heard', () => heard.at(-1)?.id === '4');
    assert.deepEqual([...new Set(heard.map(({ id }) => id))], ['1', '2', '3', '4']);
    for (const leave of [unsubscribe, ...others]) leave();
  });

  it('tells a listener what others appended while this process could not reach Redis', async (t) => {
    const link = await openRedisLink(t, shared.url);
    const other = openRedisStores(t, shared.url, { limitMs: patientMs });
    const { stream } = openRedisStores(t, link.url);
    const callId = newCallId();
    await untilWell(stream);
    link.cut();
    await assert.rejects(stream.ping());
    // It cannot ask now from where it is to read on.
    const { heard, unsubscribe } = listen(stream, callId, 1);
    await appendAtLast(other.stream, makeEvent(callId, { type: 'call-ended', reason: 'caller-hung-up' }, 'end'));
    await link.mend();
    await until('one is heard', () => heard.length > 0);
    assert.equal(heard[0]!.id, 'end');
    unsubscribe();
  });

  it('does not wait for a Redis that has frozen', async (t) => {
    const server = await startOwnRedis(t);
    const { stream } = openRedisStores(t, server.url);
    process.kill(server.pid, 'SIGSTOP');
    await assert.rejects(stream.append(makeEvent(newCallId())), { code: 'STORE_UNAVAILABLE' });
    process.kill(server.pid, 'SIGCONT');
    await untilWell(stream);
  });

  it('closes while Redis is dead', async (t) => {
    const server = await startOwnRedis(t);
    const { stream, close } = openRedisStores(t, server.url);
    stream.subscribe('all', () => {});
    await server.stop();
    await assert.rejects(stream.ping());
    await close();
    await close();
  });

  it('are there at once and fail fast while Redis is not, and serve once it is', async (t) => {
    const server = await startOwnRedis(t);
    await server.stop();
    const { stream } = openRedisStores(t, server.url);
    await assert.rejects(stream.append(makeEvent(newCallId())), unavailable(/ECONNREFUSED/));
    await startOwnRedis(t, Number(new URL(server.url).port));
    await untilWell(stream);
    assert.equal(await stream.append(makeEvent(newCallId())), true);
  });

  it('wait for nobody who takes the connection and says nothing', async (t) => {
    const mute = createServer((socket) => t.after(() => socket.destroy())).listen(0, '127.0.0.1');
    t.after(() => mute.close());
    await once(mute, 'listening');
    const { stream, leases } = openRedisStores(t, `redis://127.0.0.1:${(mute.address() as AddressInfo).port}`);
    const startedAt = performance.now();
    await assert.rejects(stream.ping(), unavailable(/no answer within 400 ms/));
    for (let i = 0; i < 5; i++) await assert.rejects(leases.find('x'), unavailable(/no answer/));
    const tookMs = performance.now() - startedAt;
    // One after the other the six would have taken six times as long as one may.
    assert.ok(tookMs < 2_400, `six requests took ${tookMs} ms`);
  });

  it('say that the password is refused, without telling it, and serve once it is accepted', async (t) => {
    const admin = await openAdmin(t, shared.url);
    await admin.sendCommand(['ACL', 'SETUSER', 'guarded', 'on', '>right-password', '~*', '&*', '+@all']);
    const { host } = new URL(shared.url);
    const lines: string[] = [];
    const log = {
      ...silentLogger,
      error: (...line: unknown[]) => lines.push(JSON.stringify(line)),
    } as unknown as Logger;
    const { stream } = openRedisStores(t, `redis://guarded:wrong-password@${host}`, { log });
    await assert.rejects(stream.ping(), unavailable(/refuses the user or password \(WRONGPASS\)/));
    const refusals = lines.filter((line) => line.includes('REDIS_URL'));
    assert.equal(refusals.length, 1);
    assert.match(refusals[0]!, /redis:\/\/127\.0\.0\.1:\d+"/);
    assert.doesNotMatch(lines.join(), /wrong-password|guarded/);
    await untilWell(openRedisStores(t, `redis://guarded:right-password@${host}`).stream);
  });

  it('name a Redis that is full, and one that is a read-only replica, though both answer', async (t) => {
    const server = await startOwnRedis(t);
    const admin = await openAdmin(t, server.url);
    const { stream } = openRedisStores(t, server.url);
    const callId = newCallId();
    await stream.append(makeEvent(callId));

    await admin.configSet('maxmemory', '1');
    await assert.rejects(stream.append(makeEvent(callId)), unavailable(/out of memory \(OOM\)/));
    await assert.rejects(stream.ping(), unavailable(/OOM/));
    assert.equal((await stream.read(callId)).length, 1);
    await admin.configSet('maxmemory', '0');
    await stream.append(makeEvent(callId));
    await stream.ping();

    await admin.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await assert.rejects(stream.append(makeEvent(callId)), unavailable(/read-only replica \(READONLY\)/));
    await assert.rejects(stream.ping(), unavailable(/READONLY/));
    await admin.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await stream.append(makeEvent(callId));
    await stream.ping();
  });
});
