// Tells all others, as long as this bridge lives, how many calls it holds, how many more it takes, and which it cannot serve.
import { type BridgeLoads, maxStranded } from '../shared/stores/bridge-loads.ts';
import type { CallRegistry } from './call/call-registry.ts';

/** Whoever asks for a place for a caller who rings now may be this late. It is the sign of life of this bridge too (OrphanWatch). */
const reportEveryMs = 500;
/** Three reports may be lost; a bridge that was killed, or hangs, is counted no longer than this. */
const lifetimeMs = 4 * reportEveryMs;

export interface LoadReporterOptions {
  readonly replica: string;
  readonly registry: Pick<CallRegistry, 'size' | 'freePlaces' | 'stranded'>;
  readonly loads: Pick<BridgeLoads, 'report' | 'withdraw'>;
}

export class LoadReporter {
  readonly #options: LoadReporterOptions;
  readonly #timer: NodeJS.Timeout;
  #reporting: Promise<void> | undefined;

  constructor(options: LoadReporterOptions) {
    this.#options = options;
    this.report();
    this.#timer = setInterval(() => this.report(), reportEveryMs);
    this.#timer.unref();
  }

  /** Now, and not only when it is due: what changed is worth knowing at once. One at a time, however slow the store is. */
  report(): void {
    if (this.#reporting !== undefined) return;
    const { replica, registry, loads } = this.#options;
    const { size: calls, freePlaces } = registry;
    const stranded = registry.stranded.slice(0, maxStranded);
    const load = { replica, calls, freePlaces, ...(stranded.length > 0 && { stranded }) };
    // The store tells of its own loss, and the next report is near.
    this.#reporting = loads
      .report(load, lifetimeMs)
      .catch(() => {})
      .finally(() => {
        this.#reporting = undefined;
      });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reporting;
    await this.#options.loads.withdraw(this.#options.replica).catch(() => {});
  }
}
