// The stores of live calls in one Redis, a server or a cluster: its stream, leases and counts.
import { RedisBridgeLoads } from './redis-bridge-loads.ts';
import { RedisCallLeases } from './redis-call-leases.ts';
import { RedisCallStream } from './redis-call-stream.ts';
import { RedisConnection, type RedisOptions } from './redis-connection.ts';
import { RedisDialCounts } from './redis-dial-counts.ts';
import { RedisLookUps } from './redis-look-ups.ts';
import type { LiveStores } from './stores.ts';

/** Throws BAD_SETTING. `replica` is how Redis lists us. */
export function createRedisStores(
  url: string,
  { replica, ...options }: { replica?: string } & Omit<RedisOptions, 'name'>,
): LiveStores {
  const name = replica === undefined ? 'parley' : `parley-${replica.replace(/[^A-Za-z0-9-]/g, '-')}`;
  const redis = new RedisConnection(url, { ...options, name });
  const stream = new RedisCallStream(redis, options.log);
  return {
    stream,
    leases: new RedisCallLeases(redis),
    dialCounts: new RedisDialCounts(redis),
    bridgeLoads: new RedisBridgeLoads(redis),
    lookUps: new RedisLookUps(redis),
    async close() {
      await stream.close();
      await redis.close();
    },
  };
}
