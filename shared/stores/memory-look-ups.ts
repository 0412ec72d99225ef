// What was looked up, in this process's memory: for a process that is alone, and for tests.
import type { LookUpStore } from './look-up-store.ts';

/** The oldest make room: what is asked for often is looked up again. */
const maxEntries = 2_000;

export class MemoryLookUps implements LookUpStore {
  readonly #entries = new Map<string, { readonly value: string; readonly until: number }>();

  async find(key: string): Promise<string | undefined> {
    const entry = this.#entries.get(key);
    if (entry && entry.until > Date.now()) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  async keep(key: string, value: string, ttlMs: number): Promise<void> {
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: Date.now() + ttlMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries) this.#entries.delete(oldest!);
  }
}
