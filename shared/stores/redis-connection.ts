// One process's connection to Redis: made in the background, back by itself when Redis is back.
import { createClient, type RedisClientOptions, type RedisClientType } from 'redis';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';

const longestRetryMs = 1000;
/** Commands that wait for their answer. At 50k a second, more than this is a Redis that does not answer. */
const maxPendingCommands = 1000;
/** A connection that died without a word (a firewall, a frozen host) is found out by these and opened anew. */
const pingIntervalMs = 2000;
const idleTimeoutMs = 6000;
const closeTimeoutMs = 400;

export type RedisClient = RedisClientType;

export interface RedisOptions {
  /** How Redis lists this client. */
  readonly name?: string;
  readonly log: Logger;
  /** In place of a user and password in the URL. */
  readonly credentials?: RedisClientOptions['credentialsProvider'];
}

export class RedisConnection {
  readonly #client: RedisClient;
  readonly #log: Logger;
  /** Resolves when the first attempt to connect succeeded or failed. */
  readonly #tried: Promise<void>;
  #lastError: unknown;

  /** Connects in the background, again after each loss, and never gives up. Throws BAD_SETTING. Must be closed. */
  constructor(url: string, { name, log, credentials }: RedisOptions) {
    if (!URL.canParse(url)) throw new AppError('BAD_SETTING', 'REDIS_URL must be a URL like rediss://host:10000');
    this.#log = log;
    this.#client = createClient({
      url,
      name,
      ...(credentials && { credentialsProvider: credentials }),
      disableOfflineQueue: true,
      commandsQueueMaxLength: maxPendingCommands,
      pingInterval: pingIntervalMs,
      socket: { connectTimeout: 2000, socketTimeout: idleTimeoutMs, reconnectStrategy: retryDelayMs },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#tried = promise;
    const { host, protocol } = new URL(url);
    this.#client.on('ready', resolve).on('error', (error: unknown) => {
      resolve();
      // Neither user nor password: only where it is.
      if (isRefusal(error) && !isRefusal(this.#lastError))
        log.error({ setting: 'REDIS_URL', at: `${protocol}//${host}` }, 'Redis refuses the user or password');
      this.#lastError = error;
    });
    this.#connectInBackground(this.#client);
  }

  /** Throws STORE_UNAVAILABLE, saying why. How long it takes is for others to bound. */
  async run<Reply>(command: (client: RedisClient) => Promise<Reply>): Promise<Reply> {
    try {
      await this.#tried;
      return await command(this.#client);
    } catch (error) {
      // "The client is offline" says less than why it is.
      const cause = this.#client.isReady ? error : (this.#lastError ?? error);
      throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: describe(cause) }, { cause });
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
      if (client.isOpen) this.#log.error({ problem: describe(error) }, 'a Redis connection cannot be opened');
    });
    return client;
  }

  async close(): Promise<void> {
    if (!this.#client.isOpen) return;
    if (!this.#client.isReady) return this.#client.destroy();
    await within(
      closeTimeoutMs,
      () => this.#client.close(),
      () => this.#client.destroy(),
    ).catch(() => {});
  }
}

function retryDelayMs(retries: number): number {
  // The random part keeps replicas from coming back in step.
  return Math.min(50 * 2 ** Math.min(retries, 5), longestRetryMs) + Math.floor(Math.random() * 50);
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
};

/** Redis says what is wrong by its first word; the rest may hold keys and addresses. */
function describe(cause: unknown): string {
  const { message = '', code } = cause as { message?: string; code?: unknown };
  const word = /^[A-Z]+(?= )/.exec(message)?.[0];
  if (word !== undefined) return meanings[word] === undefined ? word : `${meanings[word]} (${word})`;
  return typeof code === 'string' ? code : ((cause as object).constructor?.name ?? 'it failed');
}

/** Each client needs a listener of its own, or a lost connection ends the process. One line a loss, not one a retry. */
function listenForErrors(client: RedisClient, log: Logger): void {
  let lost = false;
  client.on('error', (error: unknown) => {
    if (!lost) log.warn({ problem: describe(error) }, 'Redis connection lost');
    lost = true;
  });
  client.on('ready', () => {
    if (lost) log.info({}, 'Redis connection is back');
    lost = false;
  });
}
