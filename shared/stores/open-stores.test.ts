// Which stores the settings open, and what happens when one of them cannot be had.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { createClient } from 'redis';
import { startRedisServer } from '../../simulator/redis-server.ts';
import { readConfig } from '../config.ts';
import { silentLogger as log } from '../logger.ts';
import { MemoryCallStream } from './memory-call-stream.ts';
import { openStores } from './open-stores.ts';
import { RedisCallStream } from './redis-call-stream.ts';
import { SqliteCallHistory } from './sqlite-call-history.ts';

it('keeps live calls in memory and the history in a file when nothing else is set', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-stores-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const stores = await openStores(readConfig({ DATA_FOLDER: folder }), { log });
  assert.ok(stores.stream instanceof MemoryCallStream);
  assert.ok(stores.history instanceof SqliteCallHistory);
  await stores.close();
  await stores.close();
});

it('keeps live calls in Redis when REDIS_URL is set, and names the replica there', async (t) => {
  const redis = await startRedisServer();
  if (!redis) return t.skip('redis-server is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'parley-stores-'));
  t.after(async () => {
    rmSync(folder, { recursive: true });
    await redis.stop();
  });
  const config = readConfig({ DATA_FOLDER: folder, REDIS_URL: redis.url });
  const stores = await openStores(config, { replica: 'bridge 1', log });
  assert.ok(stores.stream instanceof RedisCallStream);
  const client = createClient({ url: redis.url });
  client.on('error', () => {});
  await client.connect();
  assert.match(String(await client.sendCommand(['CLIENT', 'LIST'])), / name=parley-bridge-1 /);
  await client.close();
  await stores.close();
  await assert.rejects(stores.stream.ping(), { code: 'STORE_UNAVAILABLE' });
});

it('leaves nothing open when the history cannot be opened', async () => {
  // An open Redis connection or file would keep this test's process from ending.
  await assert.rejects(openStores(readConfig({ COSMOS_ENDPOINT: 'http://127.0.0.1:9' }), { log }), {
    code: 'BAD_SETTING',
  });
});
