// Counts of what is dialled in Redis, for as many processes as there are.
import { type DialClaim, type DialCounts, type DialOrder, orderRetentionMs } from './dial-counts.ts';
import type { RedisConnection } from './redis-connection.ts';

// One hash tag for all: a claim reads and writes an order and all its caps, and a cluster runs a script in one slot only.
/** A hash: target, token, until (when the claim lapses), dialled. */
const orderKey = (id: string) => `parley:{dials}:order:${id}`;
/** A sorted set: the orders that count, by when they no longer do. */
const capKey = (name: string) => `parley:{dials}:cap:${name}`;

const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function count_until(key, id, until_ms)
  redis.call('ZADD', key, string.format('%.0f', until_ms), id)
  if redis.call('PTTL', key) < until_ms - now then redis.call('PEXPIREAT', key, string.format('%.0f', until_ms)) end
end`;

// KEYS: the order, its caps. ARGV: order id, target, token, ttl, retention, the limit of each cap.
const claimScript = `${prelude}
local order = redis.call('HMGET', KEYS[1], 'target', 'until', 'dialled')
if order[1] then
  if order[1] ~= ARGV[2] then return {'other-target'} end
  if order[3] then return {'dialled'} end
  if tonumber(order[2]) > now then return {'taken'} end
end
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', string.format('%.0f', now))
  local count = redis.call('ZCARD', KEYS[i])
  if redis.call('ZSCORE', KEYS[i], ARGV[1]) then count = count - 1 end
  if count >= tonumber(ARGV[i + 4]) then return {'over-cap', i - 2} end
end
local lapses = now + ARGV[4]
for i = 2, #KEYS do count_until(KEYS[i], ARGV[1], lapses) end
redis.call('HSET', KEYS[1], 'target', ARGV[2], 'token', ARGV[3], 'until', string.format('%.0f', lapses))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return {'claimed', order[1] and 0 or 1}`;

// KEYS: the order, its caps. ARGV: order id, token, retention, the window of each cap.
const confirmScript = `${prelude}
local order = redis.call('HMGET', KEYS[1], 'token', 'until', 'dialled')
if order[1] ~= ARGV[2] or order[3] or tonumber(order[2]) <= now then return 0 end
redis.call('HSET', KEYS[1], 'dialled', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
for i = 2, #KEYS do count_until(KEYS[i], ARGV[1], now + ARGV[i + 2]) end
return 1`;

// KEYS: the order, its caps. ARGV: order id, token.
const giveBackScript = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'until', '0')
redis.call('HDEL', KEYS[1], 'dialled')
for i = 2, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
return 1`;

// KEYS: the cap. ARGV: order id, ttl.
const holdScript = `${prelude}
local before = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
count_until(KEYS[1], ARGV[1], math.max(before, now + ARGV[2]))
return 1`;

// KEYS: the cap.
const holdersScript = `${prelude}
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf')`;

export class RedisDialCounts implements DialCounts {
  readonly #redis: RedisConnection;

  /** The connection stays the giver's to close. */
  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async claim(order: DialOrder, ttlMs: number): Promise<DialClaim> {
    const { id, target, token, caps } = order;
    const limits = caps.map(({ limit }) => String(limit));
    const given = [id, target, token, String(ttlMs), String(orderRetentionMs), ...limits];
    const [outcome, detail] = (await this.#run(claimScript, keysOf(order), given)) as [string, number?];
    switch (outcome) {
      case 'claimed':
        return { type: 'claimed', isFirst: detail === 1 };
      case 'over-cap':
        return { type: 'over-cap', cap: caps[detail!]!.name };
      case 'other-target':
        return { type: 'other-target' };
      default:
        return { type: 'taken', isDialled: outcome === 'dialled' };
    }
  }

  async confirm(order: DialOrder): Promise<boolean> {
    const windows = order.caps.map(({ windowMs }) => String(windowMs));
    const given = [order.id, order.token, String(orderRetentionMs), ...windows];
    return (await this.#run(confirmScript, keysOf(order), given)) === 1;
  }

  async giveBack(order: DialOrder): Promise<void> {
    await this.#run(giveBackScript, keysOf(order), [order.id, order.token]);
  }

  async hold(cap: string, orderId: string, ttlMs: number): Promise<void> {
    await this.#run(holdScript, [capKey(cap)], [orderId, String(ttlMs)]);
  }

  async release(cap: string, orderId: string): Promise<void> {
    await this.#redis.run((client) => client.zRem(capKey(cap), orderId));
  }

  async holders(cap: string): Promise<readonly string[]> {
    return (await this.#run(holdersScript, [capKey(cap)], [])) as string[];
  }

  #run(script: string, keys: string[], values: string[]): Promise<unknown> {
    return this.#redis.run<unknown>((client) => client.eval(script, { keys, arguments: values }));
  }
}

function keysOf({ id, caps }: DialOrder): string[] {
  return [orderKey(id), ...caps.map(({ name }) => capKey(name))];
}
