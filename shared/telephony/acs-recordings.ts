// Recordings of calls at Azure Communication Services.
import type { Readable } from 'node:stream';
import type { CallAutomationClient, ChannelAffinity } from '@azure/communication-call-automation';
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import { createAcsError } from './acs-errors.ts';
import type { CarrierFile, CarrierRecordings } from './carrier-recordings.ts';

/** With all retries. */
const actionTimeoutMs = 8_000;
const downloadTimeoutMs = 5 * 60_000;

export class AcsRecordings implements CarrierRecordings {
  readonly carrier = 'acs';
  readonly #client: CallAutomationClient;

  constructor(client: CallAutomationClient) {
    this.#client = client;
  }

  /** Unasked, whoever speaks first is on the left: the agent, as a rule. */
  async start(_callId: CallId, carrierCallId: string): Promise<string> {
    return this.#act(async (abortSignal) => {
      const channelAffinity = await this.#assignChannels(carrierCallId, abortSignal);
      const { recordingId } = await this.#client.getCallRecording().start({
        callConnectionId: carrierCallId,
        recordingContent: 'audio',
        recordingChannel: 'unmixed',
        recordingFormat: 'wav',
        channelAffinity,
        abortSignal,
      });
      return recordingId;
    });
  }

  async pause(_carrierCallId: string, recordingId: string): Promise<void> {
    await this.#act((abortSignal) => this.#client.getCallRecording().pause(recordingId, { abortSignal }));
  }

  async resume(_carrierCallId: string, recordingId: string): Promise<void> {
    await this.#act((abortSignal) => this.#client.getCallRecording().resume(recordingId, { abortSignal }));
  }

  async stop(_carrierCallId: string, recordingId: string): Promise<void> {
    await this.#act((abortSignal) => this.#client.getCallRecording().stop(recordingId, { abortSignal }));
  }

  /** ACS tells where a file is by its event alone. */
  async list(): Promise<readonly CarrierFile[]> {
    return [];
  }

  async open({ content }: CarrierFile): Promise<Readable> {
    return this.#act(async () => {
      const abortSignal = AbortSignal.timeout(downloadTimeoutMs);
      return (await this.#client.getCallRecording().downloadStreaming(content, { abortSignal })) as Readable;
    });
  }

  async remove(copy: string): Promise<void> {
    try {
      await this.#act((abortSignal) => this.#client.getCallRecording().delete(copy, { abortSignal }));
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'CALL_GONE')) throw error;
    }
  }

  async #assignChannels(carrierCallId: string, abortSignal: AbortSignal): Promise<ChannelAffinity[]> {
    const { values = [] } = await this.#client.getCallConnection(carrierCallId).listParticipants({ abortSignal });
    const ends = values.flatMap(({ identifier }) => identifier ?? []);
    const agent = ends.find((end) => 'communicationUserId' in end);
    const caller = ends.find((end) => end !== agent);
    if (!caller) throw new AppError('CALL_GONE', { carrier: 'ACS', action: 'record', answer: 'nobody is in the call' });
    const channels = [{ channel: 0, targetParticipant: caller }];
    return agent ? [...channels, { channel: 1, targetParticipant: agent }] : channels;
  }

  async #act<Result>(run: (abortSignal: AbortSignal) => Promise<Result>): Promise<Result> {
    try {
      return await run(AbortSignal.timeout(actionTimeoutMs));
    } catch (cause) {
      throw createAcsError('record', asError(cause));
    }
  }
}

/** What is wrong with a file the SDK throws as a plain object. */
function asError(cause: unknown): unknown {
  if (cause instanceof Error || typeof cause !== 'object' || cause === null || !('status' in cause)) return cause;
  const { status } = cause as { status: unknown };
  return Object.assign(new Error(`the storage answered ${String(status)}`), { statusCode: Number(status) });
}
