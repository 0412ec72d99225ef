// The input audio buffer of a session: keeps what the caller says, hears turns in it, and counts its milliseconds.

import type { AudioFormat } from '../voice/audio-format.ts';
import type { ActivityDetector, ServiceEar } from '../voice/service-ear.ts';
import { VoiceActivity, type VoiceActivityChange } from '../voice/voice-activity.ts';
import type { TurnDetection } from './session-settings.ts';

/** Without turn detection a client may never commit: the oldest audio is then dropped. */
const maxBufferedMs = 120_000;

export class InputBuffer {
  #format: AudioFormat;
  #detection: TurnDetection | undefined;
  readonly #ear: ServiceEar | undefined;
  #activity: ActivityDetector | undefined;
  /** Session time at which `#activity` began to listen. */
  #activityFromMs = 0;
  #receivedMs = 0;
  #chunks: Int16Array[] = [];
  #bufferedMs = 0;

  constructor(format: AudioFormat, detection: TurnDetection | undefined, ear?: ServiceEar) {
    this.#ear = ear;
    this.#format = format;
    this.#detection = detection;
    this.#listenAnew();
  }

  /** Audio written since the session began. */
  get receivedMs(): number {
    return this.#receivedMs;
  }

  get isSpeech(): boolean {
    return this.#activity?.speaking ?? false;
  }

  get bufferedMs(): number {
    return this.#bufferedMs;
  }

  get format(): AudioFormat {
    return this.#format;
  }

  configure(format: AudioFormat, detection: TurnDetection | undefined): void {
    const sameFormat = format.encoding === this.#format.encoding && format.sampleRate === this.#format.sampleRate;
    const sameDetection = JSON.stringify(detection) === JSON.stringify(this.#detection);
    if (!sameFormat) this.clear();
    this.#format = format;
    this.#detection = detection;
    if (!sameFormat || !sameDetection) this.#listenAnew();
  }

  /** Turns that began or ended in these samples, in session time; a start is put before the padding. */
  append(samples: Int16Array): VoiceActivityChange[] {
    const ms = (samples.length * 1000) / this.#format.sampleRate;
    this.#receivedMs += ms;
    this.#chunks.push(samples);
    this.#bufferedMs += ms;
    const changes = this.#activity?.push(samples) ?? [];
    if (this.#activity && !this.#activity.speaking && changes.length === 0) this.#trim(this.#detection!.prefixMs + 500);
    this.#trim(maxBufferedMs);
    return changes.map(({ type, atMs }) => {
      const sessionMs = this.#activityFromMs + atMs;
      return { type, atMs: type === 'started' ? Math.max(0, sessionMs - this.#detection!.prefixMs) : sessionMs };
    });
  }

  /** All that is buffered; the buffer is empty then. */
  take(): Int16Array {
    const samples = new Int16Array(this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#chunks) {
      samples.set(chunk, at);
      at += chunk.length;
    }
    this.clear();
    return samples;
  }

  clear(): void {
    this.#chunks = [];
    this.#bufferedMs = 0;
  }

  #listenAnew(): void {
    this.#activityFromMs = Math.round(this.#receivedMs);
    const { threshold, silenceMs, longestPauseMs } = this.#detection ?? {};
    const settings = { sampleRate: this.#format.sampleRate, threshold, silenceMs, longestPauseMs };
    this.#activity = this.#detection && (this.#ear?.createDetector(settings) ?? new VoiceActivity(settings));
  }

  #trim(keepMs: number): void {
    while (this.#chunks.length > 1) {
      const ms = (this.#chunks[0]!.length * 1000) / this.#format.sampleRate;
      if (this.#bufferedMs - ms < keepMs) return;
      this.#chunks.shift();
      this.#bufferedMs -= ms;
    }
  }
}
