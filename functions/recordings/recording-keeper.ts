// Brings a carrier's file of a recording to our own store, writes down that it is there, and has the carrier remove its copy.
import { randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { audioName, type RecordingFiles } from '../../shared/recordings/recording-files.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type {
  CarrierFile,
  CarrierRecordings,
  CarrierRecordingsMap,
} from '../../shared/telephony/carrier-recordings.ts';

const dayMs = 86_400_000;
/** Longer than a download may take. */
const leaseMs = 6 * 60_000;

export interface RecordingKeeperOptions {
  readonly ledger: Pick<CallLedger, 'find' | 'post'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly recordings: CarrierRecordingsMap;
  readonly files: Pick<RecordingFiles, 'save' | 'remove'>;
  readonly agents: AgentProfiles;
  readonly historyDays: number;
  readonly log: Logger;
}

export class RecordingKeeper {
  readonly #options: RecordingKeeperOptions;

  constructor(options: RecordingKeeperOptions) {
    this.#options = options;
  }

  /**
   * As often as it is told. Rejects where it is to be told again: the carrier or our own store does not answer, or somebody is
   * at it. Of a call that is not known (any more) nothing is kept, here or there.
   */
  async keep(callId: CallId, carrier: CallState['carrier'], file: CarrierFile): Promise<void> {
    const { leases, log } = this.#options;
    const source = carrier && this.#options.recordings.get(carrier);
    if (!source) throw new AppError('NOT_CONFIGURED', { what: carrier ?? 'the carrier of a recording' });
    const lease = await leases.acquire(`keeping/${callId}/${file.part}`, randomUUID(), leaseMs);
    if (!lease) throw new AppError('CALL_IN_USE', 'another process keeps this recording just now');
    try {
      const call = await this.#options.ledger.find(callId);
      if (!call) {
        log.warn({ callId }, 'a recording of a call that is not known is removed at its carrier');
        return await source.remove(file.copy);
      }
      await this.#bring(call, source, file);
    } finally {
      await leases.release(lease).catch(() => {});
    }
  }

  /** The carrier's copies of files that are with us. */
  async removeCopies({ callId, carrier, recording }: CallState): Promise<void> {
    const source = carrier && this.#options.recordings.get(carrier);
    const copies = (recording?.files ?? []).flatMap(({ atCarrier }) => atCarrier ?? []);
    if (!source || copies.length === 0) return;
    for (const copy of copies) await source.remove(copy);
    await this.#options.ledger.post(callId, { type: 'recording-removed' }, { id: 'recording-removed' });
  }

  async #bring(call: CallState, source: CarrierRecordings, file: CarrierFile): Promise<void> {
    const { ledger, files, log } = this.#options;
    const { callId } = call;
    const isKept = call.recording?.files.some(({ part }) => part === file.part) === true;
    if (!isKept && call.recording?.status !== 'expired') {
      const name = audioName(callId, file.part);
      const bytes = await files.save(name, await source.open(file));
      const { recordingId, part, durationMs, channels, copy: atCarrier } = file;
      const kept = { name, part, bytes, atCarrier, ...(durationMs && { durationMs }), ...(channels && { channels }) };
      const fact = { type: 'recording-kept', recordingId, file: kept, until: this.#until(call) } as const;
      await ledger.post(callId, fact, { id: `recording-kept/${part}` });
      log.info({ callId, part, bytes }, 'a recording is kept');
    }
    await source.remove(file.copy);
    await ledger.post(callId, { type: 'recording-removed' }, { id: `recording-removed/${file.part}` });
  }

  /** As long as the agent wants it, and no longer than the call. */
  #until({ agent, createdAt = Date.now() }: CallState): number {
    const days = this.#options.agents.get(agent ?? '')?.recording.keep_days ?? 30;
    return Math.min(Date.now() + days * dayMs, createdAt + this.#options.historyDays * dayMs);
  }
}
