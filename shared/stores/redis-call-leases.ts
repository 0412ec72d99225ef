// Leases and counts in Redis, for as many replicas as there are.
import type { CallLeases, Lease } from './call-leases.ts';
import type { RedisConnection } from './redis-connection.ts';

// A lease is one key, "<fence>:<owner>", beside the last fence of its name. The hash tag keeps the two in one cluster slot.
const leaseKey = (name: string) => `parley:lease:{${name}}`;
const fenceKey = (name: string) => `parley:lease:{${name}}:fence`;

/** A holder that is this late has long ended. */
const fenceLifetimeMs = 7 * 24 * 3_600_000;

// Fences follow the clock where it is ahead of the last one: they grow even after Redis lost its data.
const acquireScript = `
local held = redis.call('GET', KEYS[1])
if held then
  local fence, owner = string.match(held, '^(%d+):(.*)$')
  if owner == ARGV[1] then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return fence
  end
  if ARGV[4] ~= 'seize' then return false end
end
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local fence = string.format('%.0f', math.max(last + 1, clock))
redis.call('SET', KEYS[2], fence, 'PX', ARGV[3])
redis.call('SET', KEYS[1], fence .. ':' .. ARGV[1], 'PX', ARGV[2])
return fence`;

const renewScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

const releaseScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

// In one script, or a crash between the two would leave a count that never ends.
const countScript = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count`;

export class RedisCallLeases implements CallLeases {
  readonly #redis: RedisConnection;

  /** The connection stays the giver's to close. */
  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    const fence = await this.#take(name, owner, ttlMs, 'acquire');
    return fence === null ? undefined : { name, owner, fence: Number(fence) };
  }

  async seize(name: string, owner: string, ttlMs: number): Promise<Lease> {
    return { name, owner, fence: Number(await this.#take(name, owner, ttlMs, 'seize')) };
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    return (await this.#run(renewScript, [leaseKey(lease.name)], [formatLease(lease), String(ttlMs)])) === 1;
  }

  async release(lease: Lease): Promise<void> {
    await this.#run(releaseScript, [leaseKey(lease.name)], [formatLease(lease)]);
  }

  async find(name: string): Promise<Lease | undefined> {
    const held = await this.#redis.run((client) => client.get(leaseKey(name)));
    const match = held === null ? null : /^(\d+):([\s\S]*)$/.exec(held);
    return match ? { name, owner: match[2]!, fence: Number(match[1]) } : undefined;
  }

  async count(name: string, windowMs: number): Promise<number> {
    return Number(await this.#run(countScript, [`parley:count:${name}`], [String(windowMs)]));
  }

  async ping(): Promise<void> {
    await this.#redis.run((client) => client.get(leaseKey('probe')));
  }

  async close(): Promise<void> {}

  #take(name: string, owner: string, ttlMs: number, how: 'acquire' | 'seize'): Promise<unknown> {
    const values = [owner, String(ttlMs), String(fenceLifetimeMs), how];
    return this.#run(acquireScript, [leaseKey(name), fenceKey(name)], values);
  }

  #run(script: string, keys: string[], values: string[]): Promise<unknown> {
    return this.#redis.run<unknown>((client) => client.eval(script, { keys, arguments: values }));
  }
}

function formatLease({ fence, owner }: Lease): string {
  return `${fence}:${owner}`;
}
