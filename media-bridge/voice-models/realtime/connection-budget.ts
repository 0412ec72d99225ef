// How many connections a minute a service takes from all our processes: who comes too late waits a moment, or is refused.
import { AppError } from '../../../shared/errors.ts';
import type { CallLeases } from '../../../shared/stores/call-leases.ts';
import { pause } from '../../../shared/within.ts';

export interface ConnectionBudgetOptions {
  readonly leases: Pick<CallLeases, 'count'>;
  /** Of the service, in keys and errors. */
  readonly name: string;
  readonly perMinute: number;
}

/** A caller hears nothing in that time: longer, and the next model is the better choice. */
const maxWaitMs = 1_500;
const minuteMs = 60_000;

export class ConnectionBudget {
  readonly #options: ConnectionBudgetOptions;

  constructor(options: ConnectionBudgetOptions) {
    this.#options = options;
  }

  /**
   * Takes one connection of this minute's. Close to the end of a full minute it waits for the next one; else it throws
   * MODEL_THROTTLED. A store that cannot tell refuses nobody: the service will, if it must.
   */
  async take(signal: AbortSignal): Promise<void> {
    const { name, perMinute } = this.#options;
    if ((await this.#count()) <= perMinute) return;
    const leftMs = minuteMs - (Date.now() % minuteMs);
    if (leftMs <= maxWaitMs) {
      await pause(leftMs, signal);
      if ((await this.#count()) <= perMinute) return;
    }
    throw new AppError('MODEL_THROTTLED', `${name} takes ${perMinute} connections a minute, and they are used up.`);
  }

  /** A name a minute, by the clock: all processes count in the same window and know when it ends. */
  async #count(): Promise<number> {
    const { leases, name } = this.#options;
    try {
      return await leases.count(`connect:${name}:${Math.floor(Date.now() / minuteMs)}`, minuteMs);
    } catch {
      return 0;
    }
  }
}
