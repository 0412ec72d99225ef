// One process's connections to Redis: made in the background, back by themselves when Redis is back.
import { ClientOfflineError } from 'redis';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';
import { openRedisCluster } from './redis-cluster-link.ts';
import type { RedisCommands, RedisLink, RedisLinkOptions } from './redis-link.ts';
import { openRedisServer } from './redis-server-link.ts';

const idleTimeoutMs = 6000;
const closeTimeoutMs = 400;

export interface RedisOptions extends Pick<RedisLinkOptions, 'name' | 'credentials'> {
  readonly log: Logger;
  /** Several servers, each with a part of the keys. */
  readonly isCluster?: boolean;
}

export class RedisConnection {
  readonly #url: string;
  readonly #options: RedisOptions;
  readonly #link: RedisLink;
  /** Resolves when the first attempt to connect succeeded or failed. */
  readonly #tried: Promise<void>;
  #lastError: unknown;

  /** Connects in the background, again after each loss, and never gives up. Throws BAD_SETTING. Must be closed. */
  constructor(url: string, options: RedisOptions) {
    if (!URL.canParse(url)) throw new AppError('BAD_SETTING', 'REDIS_URL must be a URL like rediss://host:10000');
    this.#url = url;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tried = promise;
    this.#link = this.#open({
      idleTimeoutMs,
      isPatient: false,
      hasPings: true,
      onReady: resolve,
      onCluster: () =>
        options.log.error(
          { setting: 'REDIS_CLUSTER' },
          'Redis is a cluster: set REDIS_CLUSTER=true, or a part of the keys is missing',
        ),
      onError: (error) => {
        resolve();
        this.#tellRefusal(error);
        this.#lastError = error;
      },
    });
  }

  /** Throws STORE_UNAVAILABLE, saying why. How long it takes is for others to bound. */
  run<Reply>(command: (client: RedisCommands) => Promise<Reply>): Promise<Reply> {
    return this.#try(() => this.#link.run(command));
  }

  /** The same. */
  async publish(channel: string, message: string): Promise<void> {
    await this.#try(() => this.#link.publish(channel, message));
  }

  async #try<Reply>(work: () => Promise<Reply>): Promise<Reply> {
    try {
      await this.#tried;
      return await work();
    } catch (error) {
      // "The client is offline" says less than why it is.
      const isOffline = !this.#link.isReady || error instanceof ClientOfflineError;
      const cause = isOffline ? (this.#lastError ?? error) : error;
      throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: describe(cause) }, { cause });
    }
  }

  /** Connections of their own for commands that block up to `blockMs`. */
  openReader(blockMs: number): RedisLink {
    // It waits for its connection: there is one command at a time, and whoever gave it has nothing else to do.
    return this.#open({ idleTimeoutMs: blockMs + idleTimeoutMs, isPatient: true, hasPings: false });
  }

  /** A connection for channels. */
  openSubscriber(): RedisLink {
    return this.#open({ idleTimeoutMs, isPatient: true, hasPings: true });
  }

  async close(): Promise<void> {
    if (!this.#link.isReady) return this.#link.destroy();
    await within(
      closeTimeoutMs,
      () => this.#link.close(),
      () => this.#link.destroy(),
    ).catch(() => {});
  }

  /** One line a loss, not one a retry. */
  #open(
    how: Pick<RedisLinkOptions, 'idleTimeoutMs' | 'isPatient' | 'hasPings'> & Partial<RedisLinkOptions>,
  ): RedisLink {
    const { name, credentials, log, isCluster } = this.#options;
    let isLost = false;
    return (isCluster ? openRedisCluster : openRedisServer)({
      ...how,
      url: this.#url,
      name,
      credentials,
      onReady() {
        if (isLost) log.info({}, 'Redis connection is back');
        isLost = false;
        how.onReady?.();
      },
      onError(error) {
        if (!isLost) log.warn({ problem: describe(error) }, 'Redis connection lost');
        isLost = true;
        how.onError?.(error);
      },
    });
  }

  /** Neither user nor password: only where it is. */
  #tellRefusal(error: unknown): void {
    if (!isRefusal(error) || isRefusal(this.#lastError)) return;
    const { host, protocol } = new URL(this.#url);
    const at = `${protocol}//${host}`;
    this.#options.log.error({ setting: 'REDIS_URL', at }, 'Redis refuses the user or password');
  }
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && /^(WRONGPASS|NOAUTH|ERR AUTH|ERR invalid password)/.test(cause.message);
}

const meanings: Readonly<Record<string, string>> = {
  OOM: 'it is out of memory',
  READONLY: 'it is a read-only replica',
  MISCONF: 'it cannot write to its disk',
  LOADING: 'it is loading its data',
  WRONGPASS: 'it refuses the user or password',
  NOAUTH: 'it refuses the user or password',
  NOPERM: 'it does not allow this user a command',
  MOVED: 'it is a cluster: set REDIS_CLUSTER',
  CLUSTERDOWN: 'a part of the cluster is down',
};

/** Redis says what is wrong by its first word; the rest may hold keys and addresses. */
function describe(cause: unknown): string {
  const { message = '', code } = cause as { message?: string; code?: unknown };
  if (message.includes('cluster support disabled')) return 'it is no cluster: unset REDIS_CLUSTER';
  const word = /^[A-Z]+(?= )/.exec(message)?.[0];
  if (word !== undefined) return meanings[word] === undefined ? word : `${meanings[word]} (${word})`;
  return typeof code === 'string' ? code : ((cause as object).constructor?.name ?? 'it failed');
}
