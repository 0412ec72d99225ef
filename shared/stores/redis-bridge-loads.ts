// What bridges say of themselves in Redis, for as many as there are.
import type { CallId } from '../call/call.ts';
import { type BridgeLoad, type BridgeLoads, peakWindowMs } from './bridge-loads.ts';
import type { RedisConnection } from './redis-connection.ts';

// One hash tag: a report reads and writes both.
/** A hash: of each bridge "<calls> <free places> <until>". */
const loadsKey = 'parley:{bridges}:loads';
/** A hash: of a bridge the calls that it cannot serve, where there are any. */
const strandedKey = 'parley:{bridges}:stranded';
/** A hash: the most calls of each minute. */
const peaksKey = 'parley:{bridges}:peaks';

const minutes = peakWindowMs / 60_000;

const prelude = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local minute = math.floor(now / 60000)`;

// KEYS: loads, peaks, stranded. ARGV: replica, calls, free places, ttl, minutes of the window, stranded.
const reportScript = `${prelude}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[3] .. ' ' .. string.format('%.0f', now + ARGV[4]))
if ARGV[6] == '' then redis.call('HDEL', KEYS[3], ARGV[1]) else redis.call('HSET', KEYS[3], ARGV[1], ARGV[6]) end
local sum = 0
local loads = redis.call('HGETALL', KEYS[1])
for i = 1, #loads, 2 do
  local calls, until_ms = string.match(loads[i + 1], '^(%d+) %d+ (%d+)$')
  if tonumber(until_ms) <= now then
    redis.call('HDEL', KEYS[1], loads[i])
    redis.call('HDEL', KEYS[3], loads[i])
  else sum = sum + calls end
end
local field = string.format('%.0f', minute)
if sum > tonumber(redis.call('HGET', KEYS[2], field) or '-1') then redis.call('HSET', KEYS[2], field, string.format('%.0f', sum)) end
for _, past in ipairs(redis.call('HKEYS', KEYS[2])) do
  if tonumber(past) <= minute - ARGV[5] then redis.call('HDEL', KEYS[2], past) end
end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[5] * 60000) end
return 1`;

// KEYS: loads, stranded.
const listScript = `${prelude}
local alive = {}
local loads = redis.call('HGETALL', KEYS[1])
for i = 1, #loads, 2 do
  local calls, places, until_ms = string.match(loads[i + 1], '^(%d+) (%d+) (%d+)$')
  if tonumber(until_ms) > now then
    local stranded = redis.call('HGET', KEYS[2], loads[i]) or ''
    for _, value in ipairs({loads[i], calls, places, stranded}) do table.insert(alive, value) end
  end
end
return alive`;

// KEYS: peaks. ARGV: minutes of the window.
const peakScript = `${prelude}
local most = 0
local peaks = redis.call('HGETALL', KEYS[1])
for i = 1, #peaks, 2 do
  if tonumber(peaks[i]) > minute - ARGV[1] then most = math.max(most, tonumber(peaks[i + 1])) end
end
return most`;

export class RedisBridgeLoads implements BridgeLoads {
  readonly #redis: RedisConnection;

  /** The connection stays the giver's to close. */
  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async report({ replica, calls, freePlaces, stranded = [] }: BridgeLoad, ttlMs: number): Promise<void> {
    const values = [replica, String(calls), String(freePlaces), String(ttlMs), String(minutes), stranded.join(' ')];
    await this.#run(reportScript, [loadsKey, peaksKey, strandedKey], values);
  }

  async withdraw(replica: string): Promise<void> {
    await this.#redis.run(async (client) => {
      await client.hDel(loadsKey, replica);
      await client.hDel(strandedKey, replica);
    });
  }

  async list(): Promise<readonly BridgeLoad[]> {
    const flat = (await this.#run(listScript, [loadsKey, strandedKey], [])) as string[];
    return Array.from({ length: flat.length / 4 }, (_, i) => {
      const [replica, calls, freePlaces, stranded] = flat.slice(4 * i);
      const load = { replica: replica!, calls: Number(calls), freePlaces: Number(freePlaces) };
      return stranded ? { ...load, stranded: stranded.split(' ') as CallId[] } : load;
    });
  }

  async peakCalls(): Promise<number> {
    return Number(await this.#run(peakScript, [peaksKey], [String(minutes)]));
  }

  #run(script: string, keys: string[], values: string[]): Promise<unknown> {
    return this.#redis.run<unknown>((client) => client.eval(script, { keys, arguments: values }));
  }
}
