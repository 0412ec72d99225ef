// What was looked up, in Redis, which forgets each by itself.
import type { LookUpStore } from './look-up-store.ts';
import type { RedisConnection } from './redis-connection.ts';

const prefix = 'parley:look-up:';

export class RedisLookUps implements LookUpStore {
  readonly #redis: RedisConnection;

  /** The connection stays the giver's to close. */
  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  async find(key: string): Promise<string | undefined> {
    return (await this.#redis.run((client) => client.get(prefix + key))) ?? undefined;
  }

  async keep(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#redis.run((client) => client.set(prefix + key, value, { expiration: { type: 'PX', value: ttlMs } }));
  }
}
