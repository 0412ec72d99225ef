// Takes RecordingFileStatusUpdated from Event Grid: the files of a recording are brought to our own store.
import { z } from 'zod';
import { type CallId, findCallId } from '../../shared/call/call.ts';
import type { Logger } from '../../shared/logger.ts';
import { findRecordingName } from '../../shared/recordings/recording-names.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CarrierFile } from '../../shared/telephony/carrier-recordings.ts';
import { readEventBatch } from '../acs/event-batch.ts';
import { eventGridSchema } from '../acs/event-grid-messages.ts';
import { parseBody } from '../parse-body.ts';
import type { RecordingKeeper } from './recording-keeper.ts';

const recordingReadyType = 'Microsoft.Communication.RecordingFileStatusUpdated';
/** The newest that wait for something. */
const maxOwing = 500;

const dataSchema = z.object({
  recordingStorageInfo: z.object({
    recordingChunks: z.array(
      z.object({ index: z.int().min(0), contentLocation: z.string(), deleteLocation: z.string() }),
    ),
  }),
  recordingDurationMs: z.number().optional(),
  recordingChannelType: z.string().optional(),
});

export interface AcsRecordingEventsOptions {
  readonly keeper: Pick<RecordingKeeper, 'keep'>;
  readonly leases: Pick<CallLeases, 'find'>;
  readonly history: Pick<CallHistory, 'listOwing'>;
  readonly log: Logger;
}

export class AcsRecordingEvents {
  readonly #options: AcsRecordingEventsOptions;

  constructor(options: AcsRecordingEventsOptions) {
    this.#options = options;
  }

  /** Throws BAD_REQUEST, and what else is to be told again. */
  async receiveRaw(event: unknown): Promise<void> {
    const { events, problem } = readEventBatch(event, eventGridSchema);
    for (const { type, subject, data } of events) {
      if (type === recordingReadyType) await this.#receive(subject ?? '', parseBody(dataSchema, data));
      else this.#options.log.info({ eventType: formatServiceWord(type), count: 1 }, 'event of no interest');
    }
    if (problem) throw problem;
  }

  async #receive(subject: string, data: z.output<typeof dataSchema>): Promise<void> {
    // Its id is base64, which has slashes of its own.
    const recordingId = /\/recordingId\/(.+)$/.exec(subject)?.[1];
    const callId = recordingId === undefined ? undefined : await this.#findCall(recordingId);
    if (recordingId === undefined || callId === undefined)
      return this.#options.log.warn('a recording of no call of ours is left where it is');
    const { recordingChunks } = data.recordingStorageInfo;
    const channels = data.recordingChannelType?.toLowerCase() === 'unmixed' ? { channels: 2 } : {};
    const whole = recordingChunks.length === 1 && data.recordingDurationMs !== undefined;
    for (const { index, contentLocation, deleteLocation } of recordingChunks) {
      const duration = whole ? { durationMs: data.recordingDurationMs } : {};
      const place = { content: contentLocation, copy: deleteLocation };
      const file: CarrierFile = { recordingId, part: index, ...place, ...channels, ...duration };
      await this.#options.keeper.keep(callId, 'acs', file);
    }
  }

  /** By the name that the bridge gave it; where that got lost, by what is owing. */
  async #findCall(recordingId: string): Promise<CallId | undefined> {
    const { leases, history } = this.#options;
    const [named] = await Promise.allSettled([leases.find(findRecordingName(recordingId))]);
    if (named.status === 'fulfilled' && named.value) return findCallId(named.value.owner);
    const owing = await history.listOwing(maxOwing);
    const found = owing.find(({ recording }) => recording?.recordingId === recordingId)?.callId;
    // The history may be behind: who cannot be asked has not said no.
    if (found === undefined && named.status === 'rejected') throw named.reason;
    return found;
  }
}
