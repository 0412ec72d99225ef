// Recordings of calls at Twilio.
import type { Readable } from 'node:stream';
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import type { CarrierFile, CarrierRecordings } from './carrier-recordings.ts';
import type { TwilioClient } from './twilio-client.ts';
import { createTwilioError } from './twilio-errors.ts';
import { formatTwilioHookUrl } from './twilio-twiml.ts';

/** An hour of two channels, over a line of 10 Mbit/s. */
const downloadTimeoutMs = 5 * 60_000;

export class TwilioRecordings implements CarrierRecordings {
  readonly carrier = 'twilio';
  readonly #client: TwilioClient;
  readonly #publicUrl: string;

  constructor(client: TwilioClient, options: { readonly publicUrl: string }) {
    this.#client = client;
    this.#publicUrl = options.publicUrl;
  }

  /** Of two channels the first is what comes from the caller. */
  async start(callId: CallId, carrierCallId: string): Promise<string> {
    return this.#act(() =>
      this.#client.createRecording(carrierCallId, {
        RecordingChannels: 'dual',
        RecordingStatusCallback: formatTwilioHookUrl(this.#publicUrl, 'recording', callId),
        RecordingStatusCallbackMethod: 'POST',
        RecordingStatusCallbackEvent: ['completed', 'absent'],
      }),
    );
  }

  /** By default Twilio would keep silence as long as the pause. */
  async pause(carrierCallId: string, recordingId: string): Promise<void> {
    const form = { Status: 'paused', PauseBehavior: 'skip' };
    await this.#act(() => this.#client.updateRecording(carrierCallId, recordingId, form));
  }

  async resume(carrierCallId: string, recordingId: string): Promise<void> {
    await this.#act(() => this.#client.updateRecording(carrierCallId, recordingId, { Status: 'in-progress' }));
  }

  async stop(carrierCallId: string, recordingId: string): Promise<void> {
    await this.#act(() => this.#client.updateRecording(carrierCallId, recordingId, { Status: 'stopped' }));
  }

  async list(carrierCallId: string): Promise<readonly CarrierFile[]> {
    const found = await this.#act(() => this.#client.listRecordings(carrierCallId));
    return found.filter(({ status }) => status === 'completed').map((one) => formatTwilioFile(one.sid, one.duration));
  }

  async open({ content }: CarrierFile): Promise<Readable> {
    return this.#act(() => this.#client.openRecording(content, AbortSignal.timeout(downloadTimeoutMs)));
  }

  async remove(copy: string): Promise<void> {
    try {
      await this.#act(() => this.#client.deleteRecording(copy));
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CALL_GONE')) throw error;
    }
  }

  async #act<Result>(request: () => Promise<Result>): Promise<Result> {
    try {
      return await request();
    } catch (cause) {
      throw createTwilioError('record', cause);
    }
  }
}

/** Twilio keeps one file a recording, whole. */
export function formatTwilioFile(sid: string, seconds: string | null | undefined): CarrierFile {
  const duration = Number(seconds ?? Number.NaN);
  const durationMs = Number.isFinite(duration) ? { durationMs: duration * 1000 } : {};
  return { recordingId: sid, part: 0, content: sid, copy: sid, channels: 2, ...durationMs };
}
