// The stream of one call: ACS dials the application, sends the caller's audio and plays what comes back in real time.
import { randomUUID } from 'node:crypto';
import { phoneFrameMs } from '../caller/phone.ts';
import type { ScaledTimers } from '../delivery/scaled-timers.ts';
import { ByteQueue } from '../line/byte-queue.ts';
import { LineAudio } from '../line/line-audio.ts';
import { MediaSocket } from '../line/media-socket.ts';
import { type AudioFormat, bytesPerMs } from '../voice/audio-format.ts';
import type { AcsFaults } from './acs-faults.ts';
import type { AcsMediaLog } from './acs-media-log.ts';
import { formatAudioData, formatAudioMetadata, formatDtmfData, parseOutbound } from './acs-media-wire.ts';

export type MediaLegEvent =
  | { readonly type: 'started'; readonly again: boolean }
  | { readonly type: 'failed'; readonly reason: 'never-opened' | 'interrupted' | 'not-reopened' };

export interface MediaLegOptions {
  readonly url: string;
  readonly format: AudioFormat;
  /** Undefined in a mixed stream. */
  readonly participantRawID: string | undefined;
  readonly bidirectional: boolean;
  readonly sendsKeys: boolean;
  readonly headers: () => Promise<Record<string, string>>;
  readonly faults: AcsFaults['media'];
  readonly timers: ScaledTimers;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly log: AcsMediaLog;
  readonly onEvent: (event: MediaLegEvent) => void;
}

/** The service's own limit is not documented: ten minutes at 24 kHz is more than any reply. */
const maxQueuedBytes = 10 * 60 * 48_000;
/** One message of the application; models send deltas of some 100 KB. */
const maxMessageBytes = 4 * 1024 * 1024;
const openWithinMs = 10_000;
/** Below this a frame counts as silent: dither, not speech. */
const silentPeak = 4;

export class AcsMediaLeg {
  readonly #options: MediaLegOptions;
  readonly #frameBytes: number;
  readonly #audio: LineAudio;
  readonly #playback = new ByteQueue();
  #socket: MediaSocket | undefined;
  #streamMs = 0;
  #opened = false;
  #attemptsLeft = 0;
  #closed = false;

  constructor(options: MediaLegOptions) {
    this.#options = options;
    this.#frameBytes = bytesPerMs(options.format) * phoneFrameMs;
    this.#audio = new LineAudio(options.format);
  }

  /** The link of this moment, for tests that break it. */
  get socket(): MediaSocket | undefined {
    return this.#socket;
  }

  open(): void {
    this.#attemptsLeft = this.#options.faults.reconnectAttempts;
    void this.#dial();
  }

  /** 20 ms of the caller's voice at 16 kHz. Lost while there is no socket, as on the real line. */
  sendFrame(spoken: Int16Array): void {
    const { faults, log, participantRawID } = this.#options;
    const pcm = this.#audio.toWire(spoken);
    const streamMs = this.#streamMs;
    this.#streamMs += phoneFrameMs;
    if (!this.#socket?.isOpen) return;
    if (this.#socket.isClogged || faults.skipFrame(streamMs)) {
      log.framesWithheld++;
      return;
    }
    const silent = isSilent(spoken);
    const timestamp = new Date().toISOString();
    this.#socket.send(formatAudioData({ timestamp, participantRawID, pcm, silent }, faults.casing));
    log.framesSent++;
  }

  sendKeys(keys: string): void {
    if (!this.#options.sendsKeys) return;
    for (const key of keys) this.#socket?.send(formatDtmfData(key, this.#options.faults.casing));
  }

  /** The next 20 ms of what the application sent, at 16 kHz; silence where nothing is left. */
  takePlayback(): Int16Array {
    const played = this.#playback.take(this.#frameBytes);
    this.#options.log.playedBytes += played.length;
    return this.#audio.toPhone(played.length < this.#frameBytes ? Buffer.concat([played], this.#frameBytes) : played);
  }

  /** The service takes the socket for lost; the application is told nothing, and its end stays open. */
  abandonSocket(): void {
    this.#socket?.goDead();
    this.#lost('abandoned');
  }

  /** The call ended or the stream was stopped: no event follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#playback.clear();
    const socket = this.#socket;
    const { faults, timers, log } = this.#options;
    const hangUp = () => {
      if (socket?.isOpen) log.event('closed');
      socket?.close();
    };
    if (faults.lingerMs > 0) timers.after(faults.lingerMs, hangUp);
    else hangUp();
  }

  async #dial(): Promise<void> {
    const { url, faults, log, random, signal } = this.#options;
    const headers = await this.#options.headers();
    if (this.#closed) return;
    const socket = new MediaSocket({
      faults,
      random,
      signal,
      connection: { headers, handshakeTimeout: openWithinMs, maxPayload: maxMessageBytes },
      onOpen: () => this.#onOpen(socket),
      onMessage: (text) => {
        if (text === undefined) log.invalidMessages++;
        else this.#receive(text);
      },
      onRefused: (detail) => {
        if (!this.#closed) this.#refused(detail);
      },
      onLost: (code) => this.#lost(`closed with ${code}`),
    });
    this.#socket = socket;
    socket.open(url);
  }

  #onOpen(socket: MediaSocket): void {
    const { format, faults, log, onEvent } = this.#options;
    const again = this.#opened;
    this.#opened = true;
    this.#attemptsLeft = faults.reconnectAttempts;
    log.event(again ? 'reopened' : 'opened');
    const metadata = { subscriptionId: randomUUID(), sampleRate: format.sampleRate, frameBytes: this.#frameBytes };
    socket.send(formatAudioMetadata(metadata, faults.casing));
    onEvent({ type: 'started', again });
  }

  #receive(text: string): void {
    const { log, bidirectional } = this.#options;
    const message = parseOutbound(text);
    switch (message.kind) {
      case 'audio':
        if (!bidirectional || this.#playback.bytes + message.pcm.length > maxQueuedBytes) {
          log.ignoredBytes += message.pcm.length;
          return;
        }
        this.#playback.push(message.pcm);
        log.frame(message.pcm.length, this.#playback.bytes);
        return;
      case 'stop':
        log.stop(this.#playback.clear());
        return;
      case 'unknown':
        log.unknownMessages++;
        return;
      case 'invalid':
        log.invalidMessages++;
        return;
      default:
        message satisfies never;
    }
  }

  #refused(detail: string): void {
    this.#options.log.event('refused', detail);
    if (this.#opened) this.#retry('not-reopened');
    else this.#options.onEvent({ type: 'failed', reason: 'never-opened' });
  }

  #lost(detail: string): void {
    if (this.#closed) return;
    this.#options.log.event('lost', detail);
    this.#retry('interrupted');
  }

  #retry(reason: 'interrupted' | 'not-reopened'): void {
    if (this.#attemptsLeft === 0) {
      this.#options.onEvent({ type: 'failed', reason });
      return;
    }
    this.#attemptsLeft--;
    this.#options.timers.after(this.#options.faults.reconnectDelayMs, () => {
      if (!this.#closed) void this.#dial();
    });
  }
}

function isSilent(samples: Int16Array): boolean {
  for (let i = 0; i < samples.length; i++) if (Math.abs(samples[i]!) > silentPeak) return false;
  return true;
}
