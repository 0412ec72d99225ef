// Which stores the settings open: at once, in whatever state they are, and found when they come.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { it, type TestContext } from 'node:test';
import { startRedisServer } from '../../simulator/redis-server.ts';
import type { CallId } from '../call/call.ts';
import { newCallState } from '../call/call-state.ts';
import { readConfig } from '../config.ts';
import { silentLogger as log } from '../logger.ts';
import { MemoryCallStream } from './memory-call-stream.ts';
import { openStores } from './open-stores.ts';
import { RedisCallStream } from './redis-call-stream.ts';
import { SqliteCallHistory } from './sqlite-call-history.ts';
import { untilWell } from './testing/patience.ts';
import { openAdmin, startOwnRedis } from './testing/redis-lab.ts';

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-stores-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function open(t: TestContext, settings: Record<string, string>) {
  const stores = await openStores(readConfig(settings), { replica: 'bridge 1', log });
  t.after(stores.close);
  return stores;
}

it('keeps live calls in memory and the history in a file when nothing else is set', async (t) => {
  const stores = await open(t, { DATA_FOLDER: makeFolder(t) });
  assert.ok(stores.stream instanceof MemoryCallStream);
  assert.ok(stores.history instanceof SqliteCallHistory);
  await untilWell(stores.history);
  await stores.close();
  await stores.close();
});

it('keeps live calls in Redis when REDIS_URL is set, and names the replica there', async (t) => {
  const redis = await startRedisServer();
  if (!redis) return t.skip('redis-server is not installed');
  t.after(redis.stop);
  const stores = await open(t, { DATA_FOLDER: makeFolder(t), REDIS_URL: redis.url });
  assert.ok(stores.stream instanceof RedisCallStream);
  await untilWell(stores.stream);
  const admin = await openAdmin(t, redis.url);
  assert.match(String(await admin.sendCommand(['CLIENT', 'LIST'])), / name=parley-bridge-1 /);
  await stores.close();
  await assert.rejects(stores.stream.ping(), { code: 'STORE_UNAVAILABLE' });
});

it('is there at once when neither Redis nor Cosmos DB answers, and neither is waited for longer than it is worth', async (t) => {
  const mute = createServer((socket) => t.after(() => socket.destroy())).listen(0, '127.0.0.1');
  t.after(() => mute.close());
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const COSMOS_ENDPOINT = `http://127.0.0.1:${port}`;
  const settings = { REDIS_URL: `redis://127.0.0.1:${port}`, COSMOS_ENDPOINT, COSMOS_KEY: 'a2V5' };
  // The first time its code is loaded.
  await (await openStores(readConfig(settings), { log })).close();
  const startedAt = performance.now();
  const stores = await open(t, settings);
  const openMs = performance.now() - startedAt;
  assert.ok(openMs < 3000, `Cosmos DB was waited for: it took ${openMs} ms`);
  await Promise.all([
    assert.rejects(stores.leases.find('name'), { message: /Redis is unavailable: no answer within 400 ms/ }),
    assert.rejects(stores.history.find('call-1' as CallId), {
      message: /Cosmos DB is unavailable: no answer within 3000 ms/,
    }),
  ]);
});

it('finds a Redis and a folder that come later', async (t) => {
  const redis = await startRedisServer();
  if (!redis) return t.skip('redis-server is not installed');
  await redis.stop();
  const stores = await open(t, { DATA_FOLDER: join(makeFolder(t), 'deep'), REDIS_URL: redis.url });
  await assert.rejects(stores.leases.find('name'), { code: 'STORE_UNAVAILABLE' });
  await startOwnRedis(t, Number(new URL(redis.url).port));
  await untilWell(stores.stream);
  assert.ok(await stores.leases.acquire('name', 'a', 1000));
  await stores.history.save({ ...newCallState('call-1' as CallId), version: 1 });
});

it('names what no waiting would mend', async () => {
  await assert.rejects(openStores(readConfig({ COSMOS_ENDPOINT: 'http://127.0.0.1:9' }), { log }), {
    code: 'BAD_SETTING',
    message: /COSMOS_KEY/,
  });
});
