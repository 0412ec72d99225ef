// Follows the feed of all calls: one blocking reader a process, however many listen, that goes on where it was cut off.
import type { CallEvent } from '../call/call-event.ts';
import type { Logger } from '../logger.ts';
import { pause } from '../within.ts';
import type { Listeners } from './listeners.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisCommands, RedisLink } from './redis-link.ts';

/** How long the reader waits when nothing happens; after it, whether anybody still listens is looked at again. */
const blockMs = 5000;
/** One answer's worth: some 0.2 MB. */
const entriesPerRead = 500;
const retryMs = 100;
/** A reader that cannot even be made is a fault of ours: one line in so long a time says enough. */
const restartMs = 5_000;

export interface RedisFeedOptions {
  readonly key: string;
  readonly listeners: Listeners<CallEvent>;
  /** Tells what may have been missed; what it rejects with is taken for another cut. */
  readonly fillGap: () => Promise<void>;
  readonly log: Logger;
}

export class RedisFeed {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #listeners: Listeners<CallEvent>;
  readonly #fillGap: () => Promise<void>;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #reader: RedisLink | undefined;
  #following = false;
  /** The place in the feed up to which it was delivered; undefined while that is not known. */
  #lastId: string | undefined;
  #isCutOff = false;

  constructor(redis: RedisConnection, { key, listeners, fillGap, log }: RedisFeedOptions) {
    this.#redis = redis;
    this.#key = key;
    this.#listeners = listeners;
    this.#fillGap = fillGap;
    this.#log = log;
  }

  /** Goes on as long as anybody listens. What is appended by this process after this call is heard. */
  follow(): void {
    if (this.#following || this.#closing.signal.aborted) return;
    this.#following = true;
    // Asked for now, on the connection that appends: what this process appends next comes after it.
    const from = this.#redis
      .run((client) => this.#findLastId(client))
      .then(
        (id) => id ?? '0-0',
        () => undefined,
      );
    void this.#followFrom(from);
  }

  close(): void {
    this.#closing.abort();
    this.#reader?.destroy();
  }

  /** Somebody may begin to listen between a reader's last look and its end: then another one goes on where it was. */
  async #followFrom(from: Promise<string | undefined>): Promise<void> {
    const { signal } = this.#closing;
    this.#lastId = await from;
    this.#isCutOff = this.#lastId === undefined;
    while (!signal.aborted && !this.#listeners.isEmpty) {
      try {
        await this.#read();
      } catch (error) {
        this.#isCutOff = true;
        if (!signal.aborted) this.#log.error({ error }, 'the feed of calls stopped');
        await pause(restartMs, signal).catch(() => {});
      }
      // Unread it would be idle, and taken for dead.
      this.#reader?.destroy();
      this.#reader = undefined;
    }
    this.#following = false;
  }

  /** Returns when nobody listens any more; a cut is waited out here. */
  async #read(): Promise<void> {
    const reader = this.#redis.openReader(blockMs);
    this.#reader = reader;
    while (!this.#closing.signal.aborted && !this.#listeners.isEmpty) {
      try {
        if (this.#isCutOff) {
          this.#lastId = await this.#resumeFrom(reader, this.#lastId);
          await this.#fillGap();
          this.#isCutOff = false;
        }
        const read = await reader.run((client) =>
          client.xRead({ key: this.#key, id: this.#lastId! }, { BLOCK: blockMs, COUNT: entriesPerRead }),
        );
        for (const { id, message } of (read as FeedReply | null)?.[0]?.messages ?? []) {
          this.#lastId = id;
          this.#deliver(message.event);
        }
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        this.#log.debug({ error }, 'the feed of calls is cut off');
        this.#isCutOff = true;
        await pause(retryMs, this.#closing.signal);
      }
    }
  }

  /** A Redis that lost its data numbers anew: then what it has now is where we go on, not a number that it never reaches. */
  async #resumeFrom(reader: RedisLink, lastId: string | undefined): Promise<string> {
    const newest = await reader.run((client) => this.#findLastId(client));
    if (newest === undefined) return '0-0';
    return lastId === undefined || isBefore(newest, lastId) ? newest : lastId;
  }

  async #findLastId(client: RedisCommands): Promise<string | undefined> {
    return (await client.xRevRange(this.#key, '+', '-', { COUNT: 1 }))?.[0]?.id;
  }

  #deliver(text: string | undefined): void {
    let event: CallEvent;
    try {
      event = JSON.parse(text ?? '') as CallEvent;
    } catch (error) {
      this.#log.warn({ error }, 'an entry of the feed is not JSON');
      return;
    }
    this.#listeners.deliver(event);
  }
}

type FeedReply = readonly { readonly messages: readonly { id: string; message: Record<string, string> }[] }[];

/** Of two ids of entries. */
export function isBefore(a: string, b: string): boolean {
  const [aMs = 0, aSequence = 0] = a.split('-').map(Number);
  const [bMs = 0, bSequence = 0] = b.split('-').map(Number);
  return aMs < bMs || (aMs === bMs && aSequence < bSequence);
}
