// Counts of what is dialled in this process's memory: enough when functions and bridge run in one process.
import { type DialClaim, type DialCounts, type DialOrder, orderRetentionMs } from './dial-counts.ts';

/** Expired orders and caps are swept once in so many claims, so that the maps do not grow with every number ever dialled. */
const claimsPerSweep = 1000;

interface KnownOrder {
  readonly target: string;
  readonly token: string;
  readonly isDialled: boolean;
  readonly claimedUntil: number;
  readonly forgottenAt: number;
}

export class MemoryDialCounts implements DialCounts {
  readonly #orders = new Map<string, KnownOrder>();
  /** Of each cap, until when which order counts. */
  readonly #caps = new Map<string, Map<string, number>>();
  #claims = 0;

  async claim({ id, target, token, caps }: DialOrder, ttlMs: number): Promise<DialClaim> {
    const now = Date.now();
    const known = this.#findOrder(id);
    if (known && known.target !== target) return { type: 'other-target' };
    if (known?.isDialled) return { type: 'taken', isDialled: true };
    if (known && known.claimedUntil > now) return { type: 'taken', isDialled: false };
    const full = caps.find(({ name, limit }) => this.#count(name, id) >= limit);
    if (full) return { type: 'over-cap', cap: full.name };
    for (const { name } of caps) this.#counting(name).set(id, now + ttlMs);
    const forgottenAt = now + orderRetentionMs;
    this.#orders.set(id, { target, token, isDialled: false, claimedUntil: now + ttlMs, forgottenAt });
    if (++this.#claims % claimsPerSweep === 0) this.#sweep();
    return { type: 'claimed', isFirst: known === undefined };
  }

  async confirm({ id, token, caps }: DialOrder): Promise<boolean> {
    const now = Date.now();
    const known = this.#findOrder(id);
    if (known?.token !== token || known.isDialled || known.claimedUntil <= now) return false;
    this.#orders.set(id, { ...known, isDialled: true, forgottenAt: now + orderRetentionMs });
    for (const { name, windowMs } of caps) this.#counting(name).set(id, now + windowMs);
    return true;
  }

  async giveBack({ id, token, caps }: DialOrder): Promise<void> {
    const known = this.#findOrder(id);
    if (known?.token !== token) return;
    this.#orders.set(id, { ...known, isDialled: false, claimedUntil: 0 });
    for (const { name } of caps) this.#counting(name).delete(id);
  }

  async hold(cap: string, orderId: string, ttlMs: number): Promise<void> {
    const counting = this.#counting(cap);
    counting.set(orderId, Math.max(counting.get(orderId) ?? 0, Date.now() + ttlMs));
  }

  async release(cap: string, orderId: string): Promise<void> {
    this.#counting(cap).delete(orderId);
  }

  async holders(cap: string): Promise<readonly string[]> {
    const now = Date.now();
    return [...this.#counting(cap)].filter(([, until]) => until > now).map(([id]) => id);
  }

  #findOrder(id: string): KnownOrder | undefined {
    const known = this.#orders.get(id);
    return known && known.forgottenAt > Date.now() ? known : undefined;
  }

  /** Others than `id`. */
  #count(cap: string, id: string): number {
    const now = Date.now();
    return [...this.#counting(cap)].filter(([other, until]) => other !== id && until > now).length;
  }

  #counting(cap: string): Map<string, number> {
    const counting = this.#caps.get(cap) ?? new Map<string, number>();
    this.#caps.set(cap, counting);
    return counting;
  }

  #sweep(): void {
    const now = Date.now();
    for (const [id, { forgottenAt }] of this.#orders) if (forgottenAt <= now) this.#orders.delete(id);
    for (const [name, counting] of this.#caps) {
      for (const [id, until] of counting) if (until <= now) counting.delete(id);
      if (counting.size === 0) this.#caps.delete(name);
    }
  }
}
