// Port: one process's way to Redis, whether that is one server or a cluster of them.
import type { RedisClientOptions, RedisClientType } from 'redis';

/** What the stores ask of Redis. Each command goes to the server that has its keys. */
export type RedisCommands = Pick<
  RedisClientType,
  | 'del'
  | 'eval'
  | 'get'
  | 'hDel'
  | 'ping'
  | 'set'
  | 'time'
  | 'xDel'
  | 'xRange'
  | 'xRead'
  | 'xRevRange'
  | 'zRange'
  | 'zRem'
>;

export interface RedisLink {
  readonly isReady: boolean;
  run<Reply>(command: (client: RedisCommands) => Promise<Reply>): Promise<Reply>;
  /** In the order in which one process gives them. */
  publish(channel: string, message: string): Promise<unknown>;
  /** From now on, and again after each loss. */
  subscribe(channel: string, listener: (message: string) => void): Promise<void>;
  close(): Promise<void>;
  /** Idempotent. */
  destroy(): void;
}

/** Opens in the background and never gives up. */
export type OpenRedisLink = (options: RedisLinkOptions) => RedisLink;

export interface RedisLinkOptions {
  readonly url: string;
  /** How Redis lists this client. */
  readonly name?: string | undefined;
  /** In place of a user and password in the URL. */
  readonly credentials?: RedisClientOptions['credentialsProvider'];
  /** Longer than it may be silent. */
  readonly idleTimeoutMs: number;
  /** Has commands wait for a connection; else they fail while there is none. */
  readonly isPatient: boolean;
  /** Has Redis answer while there is nothing to say: a command that blocks is answered by itself. */
  readonly hasPings: boolean;
  onReady(): void;
  onError(error: unknown): void;
  /** One server was asked for, and it has only a part of the keys. */
  onCluster?(): void;
}

const longestRetryMs = 1000;
const connectTimeoutMs = 2000;
/** Commands that wait for their answer. At 50k a second, more than this is a Redis that does not answer. */
const maxPendingCommands = 1000;
/** A connection that died without a word (a firewall, a frozen host) is found out by these and opened anew. */
const pingIntervalMs = 2000;

/** Of each connection to each server. */
export function createClientOptions(options: RedisLinkOptions) {
  const { name, credentials, idleTimeoutMs, isPatient, hasPings } = options;
  return {
    ...(name !== undefined && { name }),
    ...(credentials && { credentialsProvider: credentials }),
    disableOfflineQueue: !isPatient,
    commandsQueueMaxLength: maxPendingCommands,
    ...(hasPings && { pingInterval: pingIntervalMs }),
    // Whoever waits bounds that himself. The library's own limit is a signal a command, which outlives it by five seconds.
    commandOptions: { timeout: undefined },
    socket: { connectTimeout: connectTimeoutMs, socketTimeout: idleTimeoutMs, reconnectStrategy: retryDelayMs },
  } satisfies RedisClientOptions;
}

export function retryDelayMs(retries: number): number {
  // The random part keeps replicas from coming back in step.
  return Math.min(50 * 2 ** Math.min(retries, 5), longestRetryMs) + Math.floor(Math.random() * 50);
}
