// Live calls in Redis: a stream per call, one feed of them all, and the list of recent calls.
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallGlimpse, LiveEvent } from '../call/call-event.ts';
import type { Logger } from '../logger.ts';
import { type CallStream, endedCallRetentionMs, liveCallRetentionMs } from './call-stream.ts';
import { EventListeners } from './event-listeners.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisFeed } from './redis-feed.ts';

// All keys bear one hash tag: the script below writes four of them at once, and a cluster runs it only in one slot. That
// puts live calls on one shard; at some 20 events a call and minute it is far from full.
const eventsKey = (callId: CallId) => `parley:{calls}:events:${callId}`;
const idsKey = (callId: CallId) => `parley:{calls}:ids:${callId}`;
export const feedKey = 'parley:{calls}:feed';
const recentKey = 'parley:{calls}:recent';

/** What a listener can catch up with after a lost connection: minutes of a hundred calls, some 5 MB. */
const feedLength = 10_000;
/** Glimpses under way to Redis. More means that it lags: those that nobody keeps are the first to go. */
const maxPendingGlimpses = 200;

// 'ended' lives beside the ids so that an event that comes late does not make an ended call live again. No id has a slash first.
const appendScript = `
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('XADD', KEYS[1], '*', 'event', ARGV[2])
if ARGV[4] == 'call-ended' then redis.call('SADD', KEYS[2], '/ended') end
local ttl = redis.call('SISMEMBER', KEYS[2], '/ended') == 1 and ARGV[5] or ARGV[6]
redis.call('PEXPIRE', KEYS[1], ttl)
redis.call('PEXPIRE', KEYS[2], ttl)
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
redis.call('ZADD', KEYS[4], string.format('%.3f', now), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%.3f', now - ARGV[5]))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[7], '*', 'event', ARGV[2])
return 1`;

export class RedisCallStream implements CallStream {
  readonly #redis: RedisConnection;
  readonly #listeners: EventListeners;
  readonly #feed: RedisFeed;
  #pendingGlimpses = 0;

  /** The connection stays the giver's to close. */
  constructor(redis: RedisConnection, log: Logger) {
    this.#redis = redis;
    this.#listeners = new EventListeners(log);
    this.#feed = new RedisFeed(redis, feedKey, this.#listeners, log);
  }

  async append(event: CallEvent): Promise<boolean> {
    const { callId, id, type } = event;
    const added = await this.#redis.run((client) =>
      client.eval(appendScript, {
        keys: [eventsKey(callId), idsKey(callId), feedKey, recentKey],
        arguments: [
          id,
          JSON.stringify(event),
          callId,
          type,
          String(endedCallRetentionMs),
          String(liveCallRetentionMs),
          String(feedLength),
        ],
      }),
    );
    return added === 1;
  }

  announce(glimpse: CallGlimpse): void {
    if (this.#pendingGlimpses >= maxPendingGlimpses) return;
    this.#pendingGlimpses++;
    const trim = { strategy: 'MAXLEN', strategyModifier: '~', threshold: feedLength } as const;
    this.#redis
      .run((client) => client.xAdd(feedKey, '*', { event: JSON.stringify(glimpse) }, { TRIM: trim }))
      .catch(() => {})
      .finally(() => this.#pendingGlimpses--);
  }

  async read(callId: CallId): Promise<readonly CallEvent[]> {
    const entries = await this.#redis.run((client) => client.xRange(eventsKey(callId), '-', '+'));
    return (entries ?? []).map(({ message }) => JSON.parse(String(message.event)) as CallEvent);
  }

  async recentCallIds(limit: number): Promise<readonly CallId[]> {
    const ids = await this.#redis.run(async (client) => {
      const [seconds] = await client.time();
      const since = Number(seconds) * 1000 - endedCallRetentionMs;
      return client.zRange(recentKey, '+inf', since, {
        BY: 'SCORE',
        REV: true,
        LIMIT: { offset: 0, count: limit },
      });
    });
    return ids as CallId[];
  }

  subscribe(callId: CallId | 'all', listener: (event: LiveEvent) => void): () => void {
    const unsubscribe = this.#listeners.add(callId, listener);
    this.#feed.follow();
    return unsubscribe;
  }

  async ping(): Promise<void> {
    await this.#redis.run((client) => client.ping());
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#feed.close();
  }
}
