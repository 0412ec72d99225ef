// Chore: looks after a recording whose file nobody has told of, and after copies that the carrier still has.
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CarrierRecordingsMap } from '../../shared/telephony/carrier-recordings.ts';
import type { Chore } from '../after-call/chore.ts';
import type { RecordingKeeper } from './recording-keeper.ts';

/** A carrier that was going to tell has told by then. */
const overdueMs = 10 * 60_000;
/** ACS keeps a recording no longer, and Event Grid tries no longer to tell of it. */
const lostMs = 25 * 3_600_000;

export interface RecordingChoreOptions {
  readonly ledger: Pick<CallLedger, 'record'>;
  readonly recordings: CarrierRecordingsMap;
  readonly keeper: Pick<RecordingKeeper, 'keep' | 'removeCopies'>;
  readonly log: Logger;
}

export class RecordingChore implements Chore {
  readonly name = 'recording';
  readonly #options: RecordingChoreOptions;

  constructor(options: RecordingChoreOptions) {
    this.#options = options;
  }

  async run(call: CallState): Promise<boolean> {
    const { recording } = call;
    if (recording?.status === 'awaited') return this.#look(call, Date.now() - (recording.endedAt ?? 0));
    if (recording?.status !== 'kept' || recording.isRemovedAtCarrier) return true;
    await this.#options.keeper.removeCopies(call);
    return true;
  }

  async #look({ callId, carrier, carrierCallId, recording }: CallState, waitedMs: number): Promise<boolean> {
    const { ledger, recordings, keeper, log } = this.#options;
    if (waitedMs < overdueMs) return false;
    const source = carrier && recordings.get(carrier);
    const found = source && carrierCallId ? await source.list(carrierCallId) : [];
    for (const file of found) await keeper.keep(callId, carrier, file).catch(unlessInUse);
    if (found.length > 0) {
      log.warn({ callId, carrier }, 'nobody told of a recording: it was found at the carrier');
      return true;
    }
    if (!recording?.isOverdue) {
      log.warn({ callId, carrier }, 'the file of a recording is overdue');
      await ledger.record(callId, { type: 'recording-overdue' }, { id: 'recording-overdue' });
    }
    if (waitedMs < lostMs) return false;
    log.error({ callId, carrier, recordingId: recording?.recordingId }, 'a recording never came');
    await ledger.record(callId, { type: 'recording-missing' }, { id: 'recording-missing' });
    return true;
  }
}

function unlessInUse(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'CALL_IN_USE')) throw error;
}
