// Real Redis servers for tests, ways to them that can be cut, and the stores of as many processes as a test wants.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createClient } from 'redis';
import { startRedisServer } from '../../../simulator/redis-server.ts';
import { type Logger, silentLogger } from '../../logger.ts';
import type { RedisOptions } from '../redis-connection.ts';
import { createRedisStores } from '../redis-stores.ts';
import type { LiveStores } from '../stores.ts';
import { watchLiveStores } from '../watched-stores.ts';

/** A test, or whatever else takes what is to be done at its end. */
interface Cleaner {
  after(fn: () => Promise<void>): void;
}

/** What one process has; closed after the test whatever becomes of it. */
export function openRedisStores(
  t: Cleaner,
  url: string,
  options: Pick<RedisOptions, 'isCluster' | 'credentials'> & { log?: Logger; limitMs?: number } = {},
): LiveStores {
  const { log = silentLogger, limitMs } = options;
  const stores = watchLiveStores(createRedisStores(url, { ...options, log, replica: 'test' }), 'Redis', log, limitMs);
  t.after(stores.close);
  return stores;
}

/** One that the test may kill. */
export async function startOwnRedis(t: Cleaner, port?: number) {
  const server = await startRedisServer({ port });
  if (!server) throw new Error('redis-server is not installed: the test should have been skipped');
  t.after(server.stop);
  return server;
}

/** Sends commands beside the product. */
export async function openAdmin(t: Cleaner, url: string) {
  const admin = createClient({ url });
  admin.on('error', () => {});
  await admin.connect();
  t.after(async () => admin.destroy());
  return admin;
}

/** A way to Redis that can be cut while Redis lives. */
export async function openRedisLink(t: Cleaner, url: string) {
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
