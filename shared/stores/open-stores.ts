// Chooses the stores that the settings ask for, and opens them.
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import type { CallHistory } from './call-history.ts';
import type { CallLeases } from './call-leases.ts';
import type { CallStream } from './call-stream.ts';
import type { DialCounts } from './dial-counts.ts';
import { MemoryCallLeases } from './memory-call-leases.ts';
import { MemoryCallStream } from './memory-call-stream.ts';
import { MemoryDialCounts } from './memory-dial-counts.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface Stores {
  readonly stream: CallStream;
  readonly leases: CallLeases;
  readonly history: CallHistory;
  readonly dialCounts: DialCounts;
  close(): Promise<void>;
}

interface LiveStores {
  readonly stream: CallStream;
  readonly leases: CallLeases;
  readonly dialCounts: DialCounts;
  readonly redis?: RedisConnection;
}

/** Throws STORE_UNAVAILABLE or BAD_SETTING within some seconds, naming the setting. `replica` is how Redis lists us. */
export async function openStores(config: Config, options: { replica?: string; log: Logger }): Promise<Stores> {
  const { stream, leases, dialCounts, redis } = await openLiveStores(config, options);
  let history: CallHistory;
  try {
    history = await openHistory(config);
  } catch (error) {
    await stream.close();
    await redis?.close();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = async () => {
    await stream.close();
    await leases.close();
    await history.close();
    await redis?.close();
  };
  return { stream, leases, history, dialCounts, close: () => (closed ??= close()) };
}

async function openLiveStores(
  config: Config,
  { replica, log }: { replica?: string; log: Logger },
): Promise<LiveStores> {
  if (config.REDIS_URL === undefined) {
    log.info({}, 'live calls are kept in memory: several processes need REDIS_URL');
    return {
      stream: new MemoryCallStream({ log }),
      leases: new MemoryCallLeases(),
      dialCounts: new MemoryDialCounts(),
    };
  }
  // The clients of Redis and of Cosmos DB take 0.3 s each to load: whoever does not use them does not wait for them.
  const [{ RedisConnection }, { RedisCallStream }, { RedisCallLeases }, { RedisDialCounts }] = await Promise.all([
    import('./redis-connection.ts'),
    import('./redis-call-stream.ts'),
    import('./redis-call-leases.ts'),
    import('./redis-dial-counts.ts'),
  ]);
  const name = replica === undefined ? 'parley' : `parley-${replica.replace(/[^A-Za-z0-9-]/g, '-')}`;
  const redis = await RedisConnection.open(config.REDIS_URL, { name, log });
  return {
    stream: new RedisCallStream(redis, log),
    leases: new RedisCallLeases(redis),
    dialCounts: new RedisDialCounts(redis),
    redis,
  };
}

async function openHistory(config: Config): Promise<CallHistory> {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key, COSMOS_DATABASE: database } = config;
  if (endpoint === undefined) {
    const { SqliteCallHistory } = await import('./sqlite-call-history.ts');
    return new SqliteCallHistory(config.DATA_FOLDER);
  }
  const { CosmosCallHistory } = await import('./cosmos-call-history.ts');
  return CosmosCallHistory.open({ endpoint, key, database });
}
