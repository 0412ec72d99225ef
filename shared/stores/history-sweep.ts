// Writes to the history what other processes owed it when they died: the stream knows which calls it lacks something of.
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { CallLeases } from './call-leases.ts';
import type { CallLedger } from './call-ledger.ts';
import type { CallStream } from './call-stream.ts';

/** A process that lives has written it by then, unless the history is away. */
const olderThanMs = 30_000;
/** One sweep at a time is enough; one whose process dies frees the next after this. */
const leaseMs = 60_000;
const callsPerSweep = 200;
/** So many in a row that fail mean that the history is away, and not that they are at fault. */
const mostFailures = 3;

export interface HistorySweepOptions {
  readonly ledger: CallLedger;
  readonly stream: CallStream;
  readonly leases: CallLeases;
  /** This process, among all that sweep. */
  readonly owner: string;
  readonly log: Logger;
}

export class HistorySweep {
  readonly #options: HistorySweepOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HistorySweepOptions) {
    this.#options = options;
  }

  /** Resolves to how many calls were written. Never rejects: the next sweep finds what this one leaves. */
  async run(): Promise<number> {
    try {
      return await this.#sweep();
    } catch (error) {
      const { log } = this.#options;
      // The watch over the stores has said that one is away.
      if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE')
        log.debug({ problem: error.message }, 'a sweep of the history ended early');
      else log.error({ error }, 'a sweep of the history failed');
      return 0;
    }
  }

  /** Sweeps now and then as long as this process lives. */
  start(everyMs: number): void {
    this.#timer ??= setInterval(() => void this.run(), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #sweep(): Promise<number> {
    const { ledger, stream, leases, owner, log } = this.#options;
    const callIds = await stream.unsavedCallIds({ olderThanMs, limit: callsPerSweep });
    if (callIds.length === 0) return 0;
    const lease = await leases.acquire('history-sweep', owner, leaseMs);
    if (!lease) return 0;
    let written = 0;
    let failures = 0;
    try {
      for (const callId of callIds) {
        const isWritten = await ledger.save(callId).then(
          () => true,
          (error: unknown) => {
            log.debug({ callId, error }, 'a call could not be written to the history');
            return false;
          },
        );
        if (isWritten) written++;
        failures = isWritten ? 0 : failures + 1;
        if (failures === mostFailures) break;
      }
    } finally {
      await leases.release(lease);
    }
    if (written > 0) log.info({ calls: written }, 'the history of calls was written for others');
    return written;
  }
}
