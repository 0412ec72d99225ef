// Has a call recorded by its carrier, once the caller knows or agrees, but for what nobody may hear. Keeps both sides' peaks.
import { Readable } from 'node:stream';
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import type { CallEvent } from '../../../shared/call/call-event.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { peaksName, type RecordingFiles } from '../../../shared/recordings/recording-files.ts';
import { findRecordingName, recordingNameMs } from '../../../shared/recordings/recording-names.ts';
import type { CallLeases } from '../../../shared/stores/call-leases.ts';
import type { CarrierRecordings } from '../../../shared/telephony/carrier-recordings.ts';
import { pause } from '../../../shared/within.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import type { CallJournal } from '../call-journal.ts';
import { findConsentWords, hasHeard } from './consent-words.ts';
import { decodeSamples, intervalMs, PeakTrack } from './recording-peaks.ts';
import type { MediaTap } from './tapped-transport.ts';

/** A carrier that hiccups gets what follows; nobody waits for it. */
const startAfterMs = [0, 2_000, 6_000];
/** Nobody takes longer to tell a card number. */
const longestHoldMs = 3 * 60_000;

/** The agent's own tool, or keys that nobody may know. */
type HoldReason = 'agent' | 'keys';

export interface CallRecorderOptions {
  readonly agent: AgentProfile;
  readonly journal: Pick<CallJournal, 'state' | 'record'>;
  /** Undefined where the carrier cannot record. */
  readonly carrier: CarrierRecordings | undefined;
  readonly format: AudioFormat;
  findCarrierCallId(): string | undefined;
  readonly leases: Pick<CallLeases, 'acquire'>;
  readonly files: Pick<RecordingFiles, 'save'>;
  readonly log: Logger;
}

export class CallRecorder implements MediaTap {
  readonly #options: CallRecorderOptions;
  readonly #closed = new AbortController();
  #peaks: { readonly caller: PeakTrack; readonly agent: PeakTrack; readonly startedAt: number } | undefined;
  readonly #holds = new Set<HoldReason>();
  #holdTimer: NodeJS.Timeout | undefined;
  /** What the carrier is asked for, one after the other. */
  #asked: Promise<void> = Promise.resolve();

  constructor(options: CallRecorderOptions) {
    this.#options = options;
  }

  /** Whatever happens in the call, after it was written down. Never throws. */
  observe(event: CallEvent): void {
    const { agent } = this.#options;
    if (!agent.recording.enabled || this.#closed.signal.aborted) return;
    // What follows from it is written down behind it.
    queueMicrotask(() => this.#follow(event));
  }

  /** Resolves when the carrier keeps nothing any more of what is said, or keeps it again. Never rejects. */
  async hold(on: boolean, reason: HoldReason = 'agent'): Promise<void> {
    if (on) this.#holds.add(reason);
    else this.#holds.delete(reason);
    clearTimeout(this.#holdTimer);
    if (this.#isHeld) this.#holdTimer = setTimeout(() => this.#goOn(), longestHoldMs);
    return this.#ask((recordingId) => this.#applyHold(recordingId));
  }

  callerSaid(audio: Buffer): void {
    this.#add('caller', audio, 0);
  }

  agentSays(audio: Buffer, inMs: number): void {
    this.#add('agent', audio, inMs);
  }

  agentCut(): void {
    if (this.#peaks) this.#peaks.agent.cut(Date.now() - this.#peaks.startedAt);
  }

  /** Idempotent. The carrier ends the recording with the call. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    clearTimeout(this.#holdTimer);
    const { files, journal, log } = this.#options;
    const { callId } = journal.state;
    if (!this.#peaks) return;
    const { caller, agent, startedAt } = this.#peaks;
    const text = JSON.stringify({
      interval_ms: intervalMs,
      started_at: new Date(startedAt).toISOString(),
      caller: caller.format(),
      agent: agent.format(),
    });
    files.save(peaksName(callId), Readable.from([text])).catch((error: unknown) => {
      log.warn({ error }, 'the peaks of a recording could not be kept');
    });
  }

  get #isHeld(): boolean {
    return this.#holds.size > 0;
  }

  #goOn(): void {
    this.#holds.clear();
    void this.#ask((recordingId) => this.#applyHold(recordingId));
  }

  #follow(event: CallEvent): void {
    const { agent, journal, log } = this.#options;
    if (this.#closed.signal.aborted) return;
    if (event.type === 'turn-finished' && event.role === 'agent' && agent.recording.consent === 'announce') {
      const words = findConsentWords(agent);
      if (journal.state.recording || words === undefined || !hasHeard(words, event.text)) return;
      journal.record({ type: 'recording-consent', given: true, how: 'announced' }, 'recording-consent');
    }
    if (event.type === 'recording-consent' && event.given)
      this.#start().catch((error) => log.error({ error }, 'a recording could not be begun'));
    const isSecret = journal.state.keysAsked?.sensitive === true;
    if (isSecret !== this.#holds.has('keys')) void this.hold(isSecret, 'keys');
    if (event.type === 'transfer-started') void this.#ask((recordingId) => this.#stop(recordingId));
  }

  async #start(): Promise<void> {
    const { journal, carrier, findCarrierCallId, log } = this.#options;
    const { callId } = journal.state;
    let code = 'NOT_CONFIGURED';
    for (const afterMs of carrier ? startAfterMs : []) {
      await pause(afterMs, this.#closed.signal).catch(() => {});
      const carrierCallId = findCarrierCallId();
      if (this.#closed.signal.aborted || journal.state.recording?.recordingId !== undefined) return;
      if (carrierCallId === undefined) continue;
      try {
        this.#began(await carrier!.start(callId, carrierCallId));
        return;
      } catch (error) {
        code = error instanceof AppError ? error.code : 'INTERNAL';
        log.warn({ error }, 'the carrier does not record');
        if (!(error instanceof AppError && error.retryable)) break;
      }
    }
    journal.record({ type: 'recording-failed', code }, 'recording-failed');
  }

  #began(recordingId: string): void {
    const { journal, leases, log } = this.#options;
    const { callId } = journal.state;
    journal.record({ type: 'recording-started', recordingId }, 'recording-started');
    this.#peaks = { caller: new PeakTrack(), agent: new PeakTrack(), startedAt: Date.now() };
    leases.acquire(findRecordingName(recordingId), callId, recordingNameMs).catch((error: unknown) => {
      log.warn({ error }, 'whose recording it is cannot be kept: it is found by the history');
    });
    if (this.#isHeld) void this.#ask((id) => this.#applyHold(id));
  }

  #ask(work: (recordingId: string) => Promise<void>): Promise<void> {
    this.#asked = this.#asked.then(async () => {
      const { recordingId, status } = this.#options.journal.state.recording ?? {};
      if (recordingId !== undefined && (status === 'running' || status === 'paused')) await work(recordingId);
    });
    return this.#asked;
  }

  async #applyHold(recordingId: string): Promise<void> {
    const { carrier, journal, log, findCarrierCallId } = this.#options;
    const carrierCallId = findCarrierCallId() ?? '';
    const isPaused = journal.state.recording?.status === 'paused';
    if (this.#isHeld === isPaused) return;
    try {
      await (this.#isHeld ? carrier!.pause(carrierCallId, recordingId) : carrier!.resume(carrierCallId, recordingId));
      journal.record({ type: isPaused ? 'recording-resumed' : 'recording-paused' });
    } catch (error) {
      log.error({ error }, 'a recording could not be paused or resumed: it is ended');
      await this.#stop(recordingId);
    }
  }

  /** Never rejects. */
  async #stop(recordingId: string): Promise<void> {
    const { carrier, journal, log, findCarrierCallId } = this.#options;
    try {
      await carrier!.stop(findCarrierCallId() ?? '', recordingId);
      journal.record({ type: 'recording-stopped' }, 'recording-stopped');
    } catch (error) {
      log.error({ error }, 'a recording could not be ended: it ends with the call');
    }
  }

  #add(side: 'caller' | 'agent', audio: Buffer, inMs: number): void {
    const { format } = this.#options;
    if (!this.#peaks || this.#isHeld) return;
    this.#peaks[side].add(Date.now() - this.#peaks.startedAt + inMs, decodeSamples(audio, format), format.sampleRate);
  }
}
