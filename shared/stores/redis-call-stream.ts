// Live calls in Redis: a stream per call, one feed of them all, the list of recent calls, and those of calls that wait for something.
import type { CallId } from '../call/call.ts';
import type { CallEvent, PartialTranscript } from '../call/call-event.ts';
import type { Logger } from '../logger.ts';
import { type CallStream, endedCallRetentionMs, liveCallRetentionMs, type StreamedEvents } from './call-stream.ts';
import { Listeners } from './listeners.ts';
import type { RedisConnection } from './redis-connection.ts';
import { isBefore, RedisFeed } from './redis-feed.ts';
import { RedisPartials } from './redis-partials.ts';

// All keys bear one hash tag: the scripts below write several of them at once, and a cluster runs them only in one slot. That
// puts live calls on one shard; at some 20 events a call and minute it is far from full.
const eventsKey = (callId: CallId) => `parley:{calls}:events:${callId}`;
const idsKey = (callId: CallId) => `parley:{calls}:ids:${callId}`;
const feedKey = 'parley:{calls}:feed';
const recentKey = 'parley:{calls}:recent';
const liveKey = 'parley:{calls}:live';
const unservedKey = 'parley:{calls}:unserved';
const unsavedKey = 'parley:{calls}:unsaved';
const probeKey = 'parley:{calls}:probe';

/** What a listener of all calls can catch up with after a lost connection: minutes of a hundred calls, some 5 MB. */
const feedLength = 10_000;
const feedPage = 1_000;
/** Of a busy bridge's calls: all at once would not find room among the commands of one connection. */
const readsAtOnce = 100;

const now = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000`;

// 'ended' and 'served' live beside the ids: an event that comes late makes no ended call live again, nor has one that a bridge has
// had wait for its first. No id has a slash first.
// KEYS: events, ids, feed, recent, unsaved, live, unserved. ARGV: event id, event, call id, its type, both retentions, length of the feed.
const appendScript = `${now}
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('XADD', KEYS[1], '*', 'event', ARGV[2])
if ARGV[4] == 'call-ended' then redis.call('SADD', KEYS[2], '/ended') end
if ARGV[4] == 'media-started' then redis.call('SADD', KEYS[2], '/served') end
local ended = redis.call('SISMEMBER', KEYS[2], '/ended') == 1
if ended or redis.call('SISMEMBER', KEYS[2], '/served') == 1 then redis.call('ZREM', KEYS[7], ARGV[3])
elseif ARGV[4] == 'call-connected' then redis.call('ZADD', KEYS[7], 'NX', string.format('%.3f', now), ARGV[3]) end
if ended then redis.call('ZREM', KEYS[6], ARGV[3])
else redis.call('ZADD', KEYS[6], string.format('%.3f', now), ARGV[3]) end
redis.call('ZREMRANGEBYSCORE', KEYS[6], '-inf', string.format('%.3f', now - ARGV[6]))
redis.call('ZREMRANGEBYSCORE', KEYS[7], '-inf', string.format('%.3f', now - ARGV[6]))
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('ZADD', KEYS[4], string.format('%.3f', now), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('%.3f', now - ARGV[5]))
redis.call('ZADD', KEYS[5], 'NX', string.format('%.3f', now), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[5], '-inf', string.format('%.3f', now - ARGV[6]))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[7], '*', 'event', ARGV[2])
return 1`;

// KEYS: events, ids, unsaved. ARGV: call id, cursor, retention of an ended call.
const markSavedScript = `${now}
if not redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 0 end
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if last and last[1] ~= ARGV[2] then
  redis.call('ZADD', KEYS[3], string.format('%.3f', now), ARGV[1])
  return 0
end
redis.call('ZREM', KEYS[3], ARGV[1])
if redis.call('SISMEMBER', KEYS[2], '/ended') == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
return 1`;

// KEYS: one list of those that wait. ARGV: how old, how many.
const waitingScript = `${now}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.3f', now - ARGV[1]), 'LIMIT', 0, ARGV[2])`;

export class RedisCallStream implements CallStream {
  readonly #redis: RedisConnection;
  readonly #listeners: Listeners<CallEvent>;
  readonly #feed: RedisFeed;
  readonly #partials: RedisPartials;

  /** The connection stays the giver's to close. */
  constructor(redis: RedisConnection, log: Logger) {
    this.#redis = redis;
    this.#listeners = new Listeners(log);
    const fillGap = () => this.#tellAgain();
    this.#feed = new RedisFeed(redis, { key: feedKey, listeners: this.#listeners, fillGap, log });
    this.#partials = new RedisPartials(redis, log);
  }

  async append(event: CallEvent): Promise<boolean> {
    const { callId, id, type } = event;
    // Who reads along sees no piece of a turn behind the whole of it.
    if (type === 'turn-finished') this.#partials.flush();
    const retentions = [String(endedCallRetentionMs), String(liveCallRetentionMs)];
    const added = await this.#redis.run((client) =>
      client.eval(appendScript, {
        keys: [eventsKey(callId), idsKey(callId), feedKey, recentKey, unsavedKey, liveKey, unservedKey],
        arguments: [id, JSON.stringify(event), callId, type, ...retentions, String(feedLength)],
      }),
    );
    if (type === 'turn-finished') this.#partials.forget(callId, event.role);
    return added === 1;
  }

  async read(callId: CallId): Promise<readonly CallEvent[]> {
    return (await this.readOn(callId, undefined)).events;
  }

  async readOn(callId: CallId, cursor: string | undefined): Promise<StreamedEvents> {
    const key = eventsKey(callId);
    const [read, last] = await this.#redis.run((client) =>
      Promise.all([
        client.xRange(key, cursor === undefined ? '-' : `(${cursor}`, '+'),
        client.xRevRange(key, '+', '-', { COUNT: 1 }),
      ]),
    );
    const entries = read ?? [];
    const newest = last?.[0]?.id;
    // A Redis that lost its data numbers anew, by its clock: what is there now has not been read.
    if (cursor !== undefined && newest !== undefined && isBefore(newest, cursor)) return this.readOn(callId, undefined);
    return {
      events: entries.map(({ message }) => JSON.parse(String(message.event)) as CallEvent),
      cursor: entries.at(-1)?.id ?? newest,
    };
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

  async liveCallIds(limit: number): Promise<readonly CallId[]> {
    const ids = await this.#redis.run((client) => client.zRange(liveKey, 0, limit - 1));
    return ids as CallId[];
  }

  async unservedCallIds(options: { olderThanMs: number; limit: number }): Promise<readonly CallId[]> {
    return this.#waiting(unservedKey, options);
  }

  async unsavedCallIds(options: { olderThanMs: number; limit: number }): Promise<readonly CallId[]> {
    return this.#waiting(unsavedKey, options);
  }

  async markSaved(callId: CallId, cursor: string | undefined): Promise<void> {
    await this.#redis.run((client) =>
      client.eval(markSavedScript, {
        keys: [eventsKey(callId), idsKey(callId), unsavedKey],
        arguments: [callId, cursor ?? '', String(endedCallRetentionMs)],
      }),
    );
  }

  async forget(callId: CallId): Promise<void> {
    await this.#redis.run((client) =>
      Promise.all([
        client.del([eventsKey(callId), idsKey(callId)]),
        client.zRem(recentKey, callId),
        client.zRem(liveKey, callId),
        client.zRem(unservedKey, callId),
        client.zRem(unsavedKey, callId),
      ]),
    );
    let from = '-';
    for (;;) {
      const entries = (await this.#redis.run((client) => client.xRange(feedKey, from, '+', { COUNT: feedPage }))) ?? [];
      const ofCall = entries.filter(
        ({ message }) => (JSON.parse(String(message.event)) as CallEvent).callId === callId,
      );
      const ids = ofCall.map(({ id }) => id);
      if (ids.length > 0) await this.#redis.run((client) => client.xDel(feedKey, ids));
      if (entries.length < feedPage) return;
      from = `(${entries.at(-1)!.id}`;
    }
  }

  subscribe(callId: CallId | 'all', listener: (event: CallEvent) => void): () => void {
    const unsubscribe = this.#listeners.add(callId, listener);
    this.#feed.follow();
    return unsubscribe;
  }

  publishPartial(partial: PartialTranscript): void {
    this.#partials.publish(partial);
  }

  subscribePartials(callId: CallId | 'all', listener: (partial: PartialTranscript) => void): () => void {
    return this.#partials.subscribe(callId, listener);
  }

  /** A full or read-only Redis answers a plain PING well. */
  async ping(): Promise<void> {
    await this.#redis.run((client) => client.set(probeKey, '1', { PX: 1000 }));
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#feed.close();
    this.#partials.close();
  }

  async #waiting(key: string, { olderThanMs, limit }: { olderThanMs: number; limit: number }): Promise<CallId[]> {
    const ids = await this.#redis.run((client) =>
      client.eval(waitingScript, { keys: [key], arguments: [String(olderThanMs), String(limit)] }),
    );
    return ids as unknown as CallId[];
  }

  /** What was appended while the feed was cut off may have left it meanwhile; the streams of the calls have it still. */
  async #tellAgain(): Promise<void> {
    const { callIds } = this.#listeners;
    for (let at = 0; at < callIds.length; at += readsAtOnce)
      await Promise.all(
        callIds.slice(at, at + readsAtOnce).map(async (callId) => {
          for (const event of await this.read(callId)) this.#listeners.deliverToCall(event);
        }),
      );
  }
}
