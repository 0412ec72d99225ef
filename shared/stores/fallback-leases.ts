// Leases that this process keeps by itself while their store is away: one process that remembers is better than none.
import { AppError } from '../errors.ts';
import type { CallLeases, Lease } from './call-leases.ts';
import { MemoryCallLeases } from './memory-call-leases.ts';

/** For what is better done twice than not at all; never for what must not be done twice. */
export class FallbackLeases implements CallLeases {
  readonly #shared: CallLeases;
  readonly #own = new MemoryCallLeases();
  /** Those that only this process knows. */
  readonly #unshared = new WeakSet<Lease>();

  /** The shared ones stay the giver's to close. */
  constructor(shared: CallLeases) {
    this.#shared = shared;
  }

  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#either(
      () => this.#shared.acquire(name, owner, ttlMs),
      async () => {
        const lease = await this.#own.acquire(name, owner, ttlMs);
        if (lease) this.#unshared.add(lease);
        return lease;
      },
    );
  }

  seize(name: string, owner: string, ttlMs: number): Promise<Lease> {
    return this.#either(
      () => this.#shared.seize(name, owner, ttlMs),
      async () => {
        const lease = await this.#own.seize(name, owner, ttlMs);
        this.#unshared.add(lease);
        return lease;
      },
    );
  }

  renew(lease: Lease, ttlMs: number): Promise<boolean> {
    return (this.#unshared.has(lease) ? this.#own : this.#shared).renew(lease, ttlMs);
  }

  release(lease: Lease): Promise<void> {
    return (this.#unshared.has(lease) ? this.#own : this.#shared).release(lease);
  }

  find(name: string): Promise<Lease | undefined> {
    return this.#either(
      () => this.#shared.find(name),
      async () => {
        const lease = await this.#own.find(name);
        if (lease) this.#unshared.add(lease);
        return lease;
      },
    );
  }

  count(name: string, windowMs: number): Promise<number> {
    return this.#either(
      () => this.#shared.count(name, windowMs),
      () => this.#own.count(name, windowMs),
    );
  }

  ping(): Promise<void> {
    return this.#shared.ping();
  }

  async close(): Promise<void> {}

  async #either<Result>(ask: () => Promise<Result>, askOwn: () => Promise<Result>): Promise<Result> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'STORE_UNAVAILABLE')) throw error;
      return askOwn();
    }
  }
}
