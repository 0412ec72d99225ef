// Removes what is too old: calls, what is remembered of callers, recordings. Services that do so by themselves are left to it.
import type { Config } from '../../shared/config.ts';
import type { Logger } from '../../shared/logger.ts';
import type { RecordingFiles } from '../../shared/recordings/recording-files.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallerMemory } from '../../shared/stores/caller-memory.ts';

/** At night and by day: each hour. */
export const retentionSchedule = '0 7 * * * *';
const dayMs = 86_400_000;
/** In one hour. */
const maxRecordings = 1_000;

export interface RetentionOptions {
  readonly config: Pick<Config, 'HISTORY_DAYS'>;
  readonly ledger: Pick<CallLedger, 'record'>;
  readonly history: Pick<CallHistory, 'removeOlder' | 'listOldRecordings'>;
  readonly callers: Pick<CallerMemory, 'removeExpired'>;
  readonly files: Pick<RecordingFiles, 'remove'>;
  readonly log: Logger;
}

export class Retention {
  readonly #options: RetentionOptions;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Never rejects: the next hour tries again. */
  async run(): Promise<void> {
    const { config, history, callers, log } = this.#options;
    const work = {
      calls: () => history.removeOlder(Date.now() - config.HISTORY_DAYS * dayMs),
      callers: () => callers.removeExpired(),
      recordings: () => this.#removeRecordings(),
    };
    for (const [what, remove] of Object.entries(work))
      await remove().then(
        (removed) => removed > 0 && log.info({ what, removed }, 'what was too old was removed'),
        (error: unknown) =>
          log.warn({ what, error }, 'what is too old could not be removed: the next hour tries again'),
      );
  }

  async #removeRecordings(): Promise<number> {
    const { ledger, history, files } = this.#options;
    const old = await history.listOldRecordings(maxRecordings);
    for (const callId of old) {
      await files.remove(callId);
      await ledger.record(callId, { type: 'recording-expired' }, { id: 'recording-expired' });
    }
    return old.length;
  }
}
