// The stores of live calls in one Redis: its stream, leases and counts, under one watch.
import { RedisBridgeLoads } from './redis-bridge-loads.ts';
import { RedisCallLeases } from './redis-call-leases.ts';
import { RedisCallStream } from './redis-call-stream.ts';
import { RedisConnection, type RedisOptions } from './redis-connection.ts';
import { RedisDialCounts } from './redis-dial-counts.ts';
import { StoreWatch, watchStore } from './store-watch.ts';
import type { LiveStores } from './stores.ts';

/** Redis answers in under 1 ms; whoever waits longer has a caller on the line. */
const limitMs = 400;

/** Throws BAD_SETTING. `replica` is how Redis lists us. */
export function createRedisStores(
  url: string,
  { replica, log, credentials }: { replica?: string } & Omit<RedisOptions, 'name'>,
): LiveStores {
  const name = replica === undefined ? 'parley' : `parley-${replica.replace(/[^A-Za-z0-9-]/g, '-')}`;
  const redis = new RedisConnection(url, { name, log, credentials });
  const stream = new RedisCallStream(redis, log);
  const watch = new StoreWatch({ name: 'Redis', limitMs, probe: () => stream.ping(), isProbeAWrite: true, log });
  return {
    stream: watchStore(stream, watch),
    leases: watchStore(new RedisCallLeases(redis), watch),
    dialCounts: watchStore(new RedisDialCounts(redis), watch),
    bridgeLoads: watchStore(new RedisBridgeLoads(redis), watch),
    async close() {
      watch.close();
      await stream.close();
      await redis.close();
    },
  };
}
