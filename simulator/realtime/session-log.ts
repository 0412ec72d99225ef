// What a test may look at after a session: events of both sides with their times, the audio that came, what was heard in it.
import type { AudioFormat } from '../voice/audio-format.ts';

export interface LoggedEvent {
  /** performance.now() */
  readonly atMs: number;
  readonly from: 'client' | 'service';
  readonly type: string;
  /** As on the wire, but audio is replaced by its length in base64 characters. */
  readonly message: Record<string, unknown>;
}

export interface HeardTurn {
  readonly atMs: number;
  readonly audioMs: number;
  /** Undefined: sound, but none of the phrases known. */
  readonly phrase: string | undefined;
  readonly confidence: number;
}

export interface Truncation {
  readonly itemId: string;
  readonly audioEndMs: number;
  /** Of the item before. */
  readonly audioMs: number;
}

/** An hour of talk makes about 20,000 events besides the input audio, which is not kept here. */
const maxEvents = 50_000;
/** Two minutes of what was received: 6 MB at 24 kHz. */
const maxAudioMs = 120_000;

export class SessionLog {
  readonly events: LoggedEvent[] = [];
  readonly heard: HeardTurn[] = [];
  readonly truncations: Truncation[] = [];
  /** How many pieces of input audio came. */
  appends = 0;
  audioMs = 0;
  closed: { readonly code: number; readonly reason: string; readonly by: 'client' | 'service' } | undefined;
  #audio: Int16Array[] = [];
  #audioFormat: AudioFormat | undefined;

  add(from: 'client' | 'service', message: Record<string, unknown>): void {
    const type = String(message.type);
    if (type === 'input_audio_buffer.append') {
      this.appends++;
      return;
    }
    if (this.events.length >= maxEvents) return;
    const isAudio = type.endsWith('audio.delta') && typeof message.delta === 'string';
    const kept = isAudio ? { ...message, delta: (message.delta as string).length } : message;
    this.events.push({ atMs: performance.now(), from, type, message: kept });
  }

  addAudio(samples: Int16Array, format: AudioFormat): void {
    if (format !== this.#audioFormat) this.#audio = [];
    this.#audioFormat = format;
    this.audioMs += (samples.length * 1000) / format.sampleRate;
    if (this.audioMs <= maxAudioMs) this.#audio.push(samples);
  }

  /** For logs of long ago: the audio is what is big. */
  forgetAudio(): void {
    this.#audio = [];
  }

  /** The audio received since the input format was last changed. */
  get audio(): { readonly samples: Int16Array; readonly sampleRate: number } {
    const samples = new Int16Array(this.#audio.reduce((sum, chunk) => sum + chunk.length, 0));
    let at = 0;
    for (const chunk of this.#audio) {
      samples.set(chunk, at);
      at += chunk.length;
    }
    return { samples, sampleRate: this.#audioFormat?.sampleRate ?? 0 };
  }

  /** The messages of one type, in order. */
  of(type: string): Record<string, unknown>[] {
    return this.events.filter((event) => event.type === type).map(({ message }) => message);
  }
}
