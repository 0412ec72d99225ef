// Settles the calls that nobody has settled: what was to be tried later, and what a process owed when it died. One sweep at a time.
import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallSettlement } from './call-settlement.ts';

/** Beside the other timers of the minute. */
export const settlementSchedule = '45 * * * * *';
const leaseMs = 120_000;
const callsPerSweep = 200;
const parallelCalls = 4;
/** No call is begun after this: the next sweep goes on. */
const roundMs = 45_000;

export interface SettlementSweepOptions {
  readonly settlement: Pick<CallSettlement, 'settle'>;
  readonly history: Pick<CallHistory, 'listOwing'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly log: Logger;
}

export class SettlementSweep {
  readonly #options: SettlementSweepOptions;

  constructor(options: SettlementSweepOptions) {
    this.#options = options;
  }

  /** Never rejects: the next sweep finds what this one leaves. */
  async run(): Promise<void> {
    const { leases, log } = this.#options;
    try {
      const lease = await leases.acquire('settlement-sweep', randomUUID(), leaseMs);
      if (!lease) return;
      try {
        await this.#sweep();
      } finally {
        await leases.release(lease);
      }
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'STORE_UNAVAILABLE';
      log[isAway ? 'warn' : 'error']({ error }, 'calls that have ended are left unsettled for now');
    }
  }

  async #sweep(): Promise<void> {
    const { settlement, history, log } = this.#options;
    const until = Date.now() + roundMs;
    const waiting = (await history.listOwing(callsPerSweep)).map(({ callId }) => callId);
    const work = async () => {
      for (let callId = waiting.shift(); callId !== undefined && Date.now() < until; callId = waiting.shift())
        await settlement.settle(callId).catch((error: unknown) => {
          log.warn({ callId, error }, 'a call could not be settled: the next sweep tries again');
        });
    };
    await Promise.all(Array.from({ length: parallelCalls }, work));
  }
}
