// One process's connection to Redis: bounded in time whatever Redis does, back by itself when Redis is back.
import { createClient, type RedisClientType } from 'redis';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** Redis answers in under 1 ms; whoever waits longer has a caller on the line. */
const commandTimeoutMs = 400;
/** A Redis that starts together with us gets this long. */
const defaultOpenTimeoutMs = 5000;
const longestRetryMs = 1000;
/** Commands that wait for their answer. At 50k a second, more than this is a Redis that does not answer. */
const maxPendingCommands = 1000;
/** A connection that died without a word (a firewall, a frozen host) is found out by these and opened anew. */
const pingIntervalMs = 2000;
const idleTimeoutMs = 6000;

export type RedisClient = RedisClientType;

export interface RedisOptions {
  /** How Redis lists this client. */
  readonly name?: string;
  readonly log: Logger;
  readonly openTimeoutMs?: number;
}

/** For what others may log: no user, no password. */
export function describeRedisUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

export class RedisConnection {
  readonly #client: RedisClient;
  readonly #url: string;
  readonly #log: Logger;

  private constructor(client: RedisClient, url: string, log: Logger) {
    this.#client = client;
    this.#url = url;
    this.#log = log;
  }

  /** Throws STORE_UNAVAILABLE, or BAD_SETTING when Redis refuses the password. Must be closed. */
  static async open(url: string, options: RedisOptions): Promise<RedisConnection> {
    if (!URL.canParse(url)) throw new AppError('BAD_SETTING', 'REDIS_URL must be a URL like rediss://host:10000');
    const { name, log, openTimeoutMs = defaultOpenTimeoutMs } = options;
    const giveUpAt = Date.now() + openTimeoutMs;
    let opened = false;
    const client: RedisClient = createClient({
      url,
      name,
      disableOfflineQueue: true,
      commandsQueueMaxLength: maxPendingCommands,
      pingInterval: pingIntervalMs,
      socket: {
        connectTimeout: 2000,
        socketTimeout: idleTimeoutMs,
        reconnectStrategy: (retries, cause) =>
          opened || (Date.now() < giveUpAt && !isRefusal(cause)) ? retryDelayMs(retries) : false,
      },
    });
    listenForErrors(client, log);
    // Redis may take the connection and then say nothing: connect() alone would wait for ever.
    const timer = setTimeout(() => client.destroy(), openTimeoutMs);
    try {
      await client.connect();
      opened = true;
    } catch (cause) {
      if (client.isOpen) client.destroy();
      const where = `REDIS_URL (${describeRedisUrl(url)})`;
      if (isRefusal(cause))
        throw new AppError('BAD_SETTING', `${where}: Redis refuses the user or password`, { cause });
      throw new AppError('STORE_UNAVAILABLE', `${where}: Redis does not answer`, { cause });
    } finally {
      clearTimeout(timer);
    }
    return new RedisConnection(client, url, log);
  }

  /**
   * Throws STORE_UNAVAILABLE within half a second. What timed out may still be carried out later: commands given here
   * must bear to be repeated.
   */
  async run<Reply>(command: (client: RedisClient) => Promise<Reply>): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${commandTimeoutMs} ms`)), commandTimeoutMs);
    });
    try {
      // The client's own timeout ends when a command is written: a Redis that stops answering would hold us for ever.
      return await Promise.race([command(this.#client), late]);
    } catch (cause) {
      throw new AppError('STORE_UNAVAILABLE', `Redis at ${describeRedisUrl(this.#url)} is unavailable`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** A second connection for commands that block up to `blockMs`. It opens in the background and never gives up. */
  openReader(blockMs: number): RedisClient {
    const reader = this.#client.duplicate({
      // It waits for its connection: there is one command at a time, and whoever gave it has nothing else to do.
      disableOfflineQueue: false,
      // The reader's own blocking is its sign of life.
      pingInterval: undefined,
      commandOptions: { timeout: undefined },
      socket: {
        connectTimeout: 2000,
        socketTimeout: blockMs + idleTimeoutMs,
        reconnectStrategy: retryDelayMs,
      },
    });
    return this.#connectInBackground(reader);
  }

  /** A connection for channels, which takes no other commands. It opens in the background and never gives up. */
  openSubscriber(): RedisClient {
    const socket = { connectTimeout: 2000, socketTimeout: idleTimeoutMs, reconnectStrategy: retryDelayMs };
    return this.#connectInBackground(this.#client.duplicate({ disableOfflineQueue: false, socket }));
  }

  #connectInBackground(client: RedisClient): RedisClient {
    listenForErrors(client, this.#log);
    client.connect().catch((error: unknown) => {
      // Only when it was destroyed meanwhile: the strategy never gives up.
      if (client.isOpen) this.#log.error({ error }, 'a Redis connection cannot be opened');
    });
    return client;
  }

  async close(): Promise<void> {
    if (!this.#client.isOpen) return;
    if (!this.#client.isReady) return this.#client.destroy();
    const timer = setTimeout(() => this.#client.destroy(), commandTimeoutMs);
    await this.#client.close().catch(() => {});
    clearTimeout(timer);
  }
}

function retryDelayMs(retries: number): number {
  // The random part keeps replicas from coming back in step.
  return Math.min(50 * 2 ** Math.min(retries, 5), longestRetryMs) + Math.floor(Math.random() * 50);
}

function isRefusal(cause: unknown): boolean {
  return cause instanceof Error && /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/.test(cause.message);
}

/** Each client needs a listener of its own, or a lost connection ends the process. One line a loss, not one a retry. */
function listenForErrors(client: RedisClient, log: Logger): void {
  let lost = false;
  client.on('error', (error: unknown) => {
    if (!lost) log.warn({ error }, 'Redis connection lost');
    lost = true;
  });
  client.on('ready', () => {
    if (lost) log.info({}, 'Redis connection is back');
    lost = false;
  });
}
