// The media socket of one call: ACS dials the application, sends the caller's audio and plays what comes back in real time.
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { createAudioConverter } from '../../media-bridge/audio/audio-converter.ts';
import {
  type AudioFormat,
  createSilence,
  frameBytes,
  pcm16k,
  sameFormat,
} from '../../media-bridge/audio/audio-format.ts';
import { phoneFrameSamples } from '../caller/phone.ts';
import type { ScaledTimers } from '../delivery/scaled-timers.ts';
import { ByteQueue } from '../line/byte-queue.ts';
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
  readonly log: AcsMediaLog;
  readonly onEvent: (event: MediaLegEvent) => void;
}

/** The service's own limit is not documented: ten minutes at 24 kHz is more than any reply. */
const maxQueuedBytes = 10 * 60 * 48_000;
/** One message of the application; models send deltas of some 100 KB. */
const maxMessageBytes = 4 * 1024 * 1024;
/** Some 10 s of frames: an application that reads nothing for longer loses frames, not the stand-in its memory. */
const maxUnsentBytes = 512 * 1024;
const openWithinMs = 10_000;
const closeWithinMs = 1_000;
/** Below this a frame counts as silent: dither, not speech. */
const silentPeak = 4;
/** The resampler may hold back a few samples; this much silence ahead keeps every frame whole. */
const leadMs = 4;

interface LateMessage {
  readonly socket: WebSocket;
  readonly text: string;
}

export class AcsMediaLeg {
  readonly #options: MediaLegOptions;
  readonly #frameBytes: number;
  readonly #toWire;
  readonly #toPhone;
  readonly #outgoing = new ByteQueue();
  readonly #playback = new ByteQueue();
  readonly #heard = new ByteQueue();
  #socket: WebSocket | undefined;
  #opened = false;
  #attemptsLeft = 0;
  #closed = false;
  readonly #late: LateMessage[] = [];
  #lastLeaveMs = 0;

  constructor(options: MediaLegOptions) {
    this.#options = options;
    const { format } = options;
    this.#frameBytes = frameBytes(format);
    this.#toWire = createAudioConverter(pcm16k, format);
    this.#toPhone = createAudioConverter(format, pcm16k);
    if (!sameFormat(format, pcm16k)) {
      this.#outgoing.push(createSilence(format, leadMs));
      this.#heard.push(createSilence(pcm16k, leadMs));
    }
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open(): void {
    this.#attemptsLeft = this.#options.faults.reconnectAttempts;
    void this.#dial();
  }

  /** 20 ms of the caller's voice at 16 kHz. Lost while there is no socket, as on the real line. */
  sendFrame(spoken: Int16Array): void {
    const { faults, log, participantRawID } = this.#options;
    const samples = Buffer.from(spoken.buffer.slice(spoken.byteOffset, spoken.byteOffset + spoken.byteLength));
    this.#outgoing.push(this.#toWire.convert(samples));
    const pcm = padded(this.#outgoing.take(this.#frameBytes), this.#frameBytes);
    if (!this.isOpen) return;
    if (this.#socket!.bufferedAmount > maxUnsentBytes) {
      log.framesWithheld++;
      return;
    }
    const silent = spoken.every((sample) => Math.abs(sample) <= silentPeak);
    const timestamp = new Date().toISOString();
    this.#send(formatAudioData({ timestamp, participantRawID, pcm, silent }, faults.casing));
    log.framesSent++;
  }

  sendKeys(keys: string): void {
    if (!this.#options.sendsKeys || !this.isOpen) return;
    for (const key of keys) this.#send(formatDtmfData(key, this.#options.faults.casing));
  }

  /** The next 20 ms of what the application sent, at 16 kHz; silence where nothing is left. */
  takePlayback(): Int16Array {
    const played = this.#playback.take(this.#frameBytes);
    this.#options.log.playedBytes += played.length;
    this.#heard.push(this.#toPhone.convert(padded(played, this.#frameBytes)));
    const bytes = padded(this.#heard.take(phoneFrameSamples * 2), phoneFrameSamples * 2);
    const samples = new Int16Array(phoneFrameSamples);
    for (let i = 0; i < phoneFrameSamples; i++) samples[i] = bytes.readInt16LE(i * 2);
    return samples;
  }

  /** As if the network between the service and the application went away. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** The call ended or the stream was stopped: no event follows. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#playback.clear();
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) return;
    const { faults, timers } = this.#options;
    if (faults.lingerMs > 0) timers.after(faults.lingerMs, () => this.#hangUp(socket));
    else this.#hangUp(socket);
  }

  #hangUp(socket: WebSocket): void {
    this.#options.log.event('closed');
    socket.close(1000);
    setTimeout(() => socket.terminate(), closeWithinMs).unref();
  }

  async #dial(): Promise<void> {
    const { url, faults, log } = this.#options;
    if (faults.refuse) return this.#refused('refused by the fault knob');
    const headers = await this.#options.headers();
    if (this.#closed) return;
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, {
        headers,
        perMessageDeflate: false,
        handshakeTimeout: openWithinMs,
        maxPayload: maxMessageBytes,
      });
    } catch (error) {
      return this.#refused(String(error));
    }
    this.#socket = socket;
    let opened = false;
    let failure = '';
    socket.on('open', () => {
      opened = true;
      const again = this.#opened;
      this.#opened = true;
      this.#attemptsLeft = faults.reconnectAttempts;
      log.event(again ? 'reopened' : 'opened');
      const { sampleRate } = this.#options.format;
      const metadata = { subscriptionId: randomUUID(), sampleRate, frameBytes: this.#frameBytes };
      this.#send(formatAudioMetadata(metadata, faults.casing));
      this.#options.onEvent({ type: 'started', again });
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) log.invalidMessages++;
      else this.#receive(data.toString());
      this.#rest(socket);
    });
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', (code) => {
      if (this.#closed) return;
      if (opened) this.#lost(`closed with ${code}`);
      else this.#refused(failure);
    });
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

  /** What was read already still comes; the rest backs up on the application's side. */
  #rest(socket: WebSocket): void {
    const { slowReadMs } = this.#options.faults;
    if (slowReadMs === 0 || socket.isPaused) return;
    socket.pause();
    setTimeout(() => socket.resume(), slowReadMs);
  }

  #refused(detail: string): void {
    this.#options.log.event('refused', detail);
    if (this.#opened) this.#retry('not-reopened');
    else this.#options.onEvent({ type: 'failed', reason: 'never-opened' });
  }

  #lost(detail: string): void {
    this.#options.log.event('lost', detail);
    this.#retry('interrupted');
  }

  #retry(reason: 'interrupted' | 'not-reopened'): void {
    if (this.#closed) return;
    if (this.#attemptsLeft === 0) {
      this.#options.onEvent({ type: 'failed', reason });
      return;
    }
    this.#attemptsLeft--;
    this.#options.timers.after(this.#options.faults.reconnectDelayMs, () => {
      if (!this.#closed) void this.#dial();
    });
  }

  #send(text: string): void {
    const socket = this.#socket!;
    const { faults, random } = this.#options;
    const now = performance.now();
    if (faults.jitterMs === 0 && this.#late.length === 0) {
      leave({ socket, text });
      return;
    }
    this.#late.push({ socket, text });
    this.#lastLeaveMs = Math.max(this.#lastLeaveMs, now + random() * faults.jitterMs);
    // Timers are rounded to milliseconds and may overtake each other: whichever comes first takes the oldest message.
    setTimeout(() => leave(this.#late.shift()!), this.#lastLeaveMs - now);
  }
}

function leave({ socket, text }: LateMessage): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
}

function padded(bytes: Buffer, length: number): Buffer {
  return bytes.length === length ? bytes : Buffer.concat([bytes], length);
}
