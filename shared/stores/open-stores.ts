// Chooses the stores that the settings ask for. None of them is waited for: each is found in the background, and found again.
import { AzureCredential } from '../azure-credential.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../logger.ts';
import { createMemoryLiveStores } from './memory-stores.ts';
import type { LiveStores, Stores } from './stores.ts';
import { watchStores } from './watched-stores.ts';

interface StoreOptions {
  /** How Redis lists us. */
  readonly replica?: string;
  readonly log: Logger;
}

/** Throws BAD_SETTING. Resolves when the code is loaded that the settings want, in whatever state the stores are. */
export async function openStores(config: Config, options: StoreOptions): Promise<Stores> {
  const lasting = await loadLastingStores(config);
  const live = await loadLiveStores(config, options);
  let closed: Promise<unknown> | undefined;
  const close = async () =>
    void (await (closed ??= Promise.all([live.close(), lasting.history.close(), lasting.callers.close()])));
  const names = {
    live: config.REDIS_URL === undefined ? 'memory' : 'Redis',
    history: config.COSMOS_ENDPOINT === undefined ? 'SQLite' : 'Cosmos DB',
  };
  return watchStores({ ...live, ...lasting, close }, names, options.log);
}

// The clients of Redis and of Cosmos DB take 0.3 s each to load: whoever does not use them does not wait for them.

async function loadLiveStores(config: Config, options: StoreOptions): Promise<LiveStores> {
  const { log } = options;
  if (config.REDIS_URL !== undefined) {
    const url = config.REDIS_URL;
    const { createRedisStores } = await import('./redis-stores.ts');
    const { createEntraCredentials, wantsToken } = await import('./redis-credentials.ts');
    const given = { ...options, isCluster: config.REDIS_CLUSTER };
    if (!wantsToken(url)) return createRedisStores(url, given);
    const credentials = createEntraCredentials(new AzureCredential(), log);
    return createRedisStores(url, { ...given, credentials });
  }
  log.info({}, 'live calls are kept in memory: several processes need REDIS_URL');
  return createMemoryLiveStores({ log });
}

async function loadLastingStores(config: Config): Promise<Pick<Stores, 'history' | 'callers'>> {
  const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key, COSMOS_DATABASE: database, HISTORY_DAYS: keepDays } = config;
  if (endpoint === undefined) {
    const { SqliteCallHistory } = await import('./sqlite-call-history.ts');
    const { SqliteCallerMemory } = await import('./sqlite-caller-memory.ts');
    const { SqliteThread } = await import('./sqlite-thread.ts');
    const thread = new SqliteThread(config.DATA_FOLDER);
    return { history: new SqliteCallHistory(thread), callers: new SqliteCallerMemory(thread) };
  }
  const { CosmosCallHistory } = await import('./cosmos-call-history.ts');
  const { CosmosCallerMemory } = await import('./cosmos-caller-memory.ts');
  return {
    history: new CosmosCallHistory({ endpoint, key, database, keepDays }),
    callers: new CosmosCallerMemory({ endpoint, key, database }),
  };
}
