// Leases and counts in this process's memory: enough when functions and bridge run in one process.
import type { CallLeases, Lease } from './call-leases.ts';

/** Expired names are swept once in so many additions, so that the maps do not grow with every number ever dialled. */
const additionsPerSweep = 1000;

export class MemoryCallLeases implements CallLeases {
  readonly #held = new Map<string, { lease: Lease; expiresAt: number }>();
  readonly #counts = new Map<string, { count: number; expiresAt: number }>();
  #lastFence = 0;
  #additions = 0;

  async acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    const held = this.#findHeld(name);
    if (held && held.lease.owner !== owner) return undefined;
    return this.#give(name, owner, ttlMs);
  }

  async seize(name: string, owner: string, ttlMs: number): Promise<Lease> {
    return this.#give(name, owner, ttlMs);
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const held = this.#findHeld(lease.name);
    if (held?.lease.fence !== lease.fence) return false;
    held.expiresAt = Date.now() + ttlMs;
    return true;
  }

  async release(lease: Lease): Promise<void> {
    if (this.#findHeld(lease.name)?.lease.fence === lease.fence) this.#held.delete(lease.name);
  }

  async find(name: string): Promise<Lease | undefined> {
    return this.#findHeld(name)?.lease;
  }

  async count(name: string, windowMs: number): Promise<number> {
    const now = Date.now();
    const running = this.#counts.get(name);
    const counted =
      running && running.expiresAt > now
        ? { ...running, count: running.count + 1 }
        : { count: 1, expiresAt: now + windowMs };
    this.#counts.set(name, counted);
    this.#sweepSometimes();
    return counted.count;
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  #give(name: string, owner: string, ttlMs: number): Lease {
    const held = this.#findHeld(name);
    const lease = held?.lease.owner === owner ? held.lease : { name, owner, fence: ++this.#lastFence };
    this.#held.set(name, { lease, expiresAt: Date.now() + ttlMs });
    this.#sweepSometimes();
    return lease;
  }

  #findHeld(name: string): { lease: Lease; expiresAt: number } | undefined {
    const held = this.#held.get(name);
    return held && held.expiresAt > Date.now() ? held : undefined;
  }

  #sweepSometimes(): void {
    if (++this.#additions % additionsPerSweep !== 0) return;
    const now = Date.now();
    for (const kept of [this.#held, this.#counts])
      for (const [name, { expiresAt }] of kept) if (expiresAt <= now) kept.delete(name);
  }
}
