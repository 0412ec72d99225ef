// What bridges say of themselves in this process's memory: enough for one bridge that shares it with the functions.
import { type BridgeLoad, type BridgeLoads, peakWindowMs } from './bridge-loads.ts';

const minuteMs = 60_000;

export class MemoryBridgeLoads implements BridgeLoads {
  readonly #loads = new Map<string, { load: BridgeLoad; until: number }>();
  /** The most calls of each minute. */
  readonly #peaks = new Map<number, number>();

  async report(load: BridgeLoad, ttlMs: number): Promise<void> {
    const now = Date.now();
    this.#loads.set(load.replica, { load, until: now + ttlMs });
    const minute = Math.floor(now / minuteMs);
    const calls = (await this.list()).reduce((sum, { calls }) => sum + calls, 0);
    this.#peaks.set(minute, Math.max(this.#peaks.get(minute) ?? 0, calls));
    for (const past of this.#peaks.keys()) if (past <= minute - peakWindowMs / minuteMs) this.#peaks.delete(past);
  }

  async withdraw(replica: string): Promise<void> {
    this.#loads.delete(replica);
  }

  async list(): Promise<readonly BridgeLoad[]> {
    const now = Date.now();
    for (const [replica, { until }] of this.#loads) if (until <= now) this.#loads.delete(replica);
    return [...this.#loads.values()].map(({ load }) => load);
  }

  async peakCalls(): Promise<number> {
    const first = Math.floor(Date.now() / minuteMs) - peakWindowMs / minuteMs;
    return Math.max(0, ...[...this.#peaks].flatMap(([minute, calls]) => (minute > first ? [calls] : [])));
  }
}
