// Tells by loudness alone when somebody on a line speaks, and for how long: no model is asked, so it hears also for one that is deaf.
import { type AudioFormat, bytesPerMs, frameMs } from './audio-format.ts';
import { decodeMulaw } from './mulaw.ts';
import { rmsOf, SpeechLevel } from './speech-level.ts';

/** Of almost every frame. */
const noChanges: readonly VoiceChange[] = [];
/** Shorter sounds are clicks. */
const onsetMs = 200;

export interface VoiceDetectorOptions {
  /** 20 ms of it are judged at a time. */
  readonly format: AudioFormat;
  /** So long nobody is loud before what was said is over. */
  readonly pauseMs: number;
}

/** Times are those of `performance.now()`. */
export type VoiceChange =
  /** Somebody was loud for 200 ms. */
  | { readonly type: 'began' }
  /** What began is over. `loudMs`: how much of it was voice. */
  | { readonly type: 'ended'; readonly beganMs: number; readonly loudMs: number };

export class VoiceDetector {
  readonly #isMulaw: boolean;
  readonly #pauseMs: number;
  readonly #frame: Buffer;
  readonly #samples: Int16Array;
  readonly #samplesAsBytes: Buffer;
  readonly #level = new SpeechLevel();
  #filledBytes = 0;
  #heardMs = Number.NEGATIVE_INFINITY;
  #beganMs = 0;
  #loudMs = 0;
  #silentMs = 0;

  constructor({ format, pauseMs }: VoiceDetectorOptions) {
    this.#isMulaw = format.encoding === 'mulaw';
    this.#pauseMs = pauseMs;
    this.#frame = Buffer.alloc(bytesPerMs(format) * frameMs);
    this.#samples = new Int16Array((format.sampleRate * frameMs) / 1_000);
    this.#samplesAsBytes = Buffer.from(this.#samples.buffer);
  }

  /** When the newest loud frame came. Minus infinity before the first. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /**
   * Audio of the line, of any length. `isListening`: false while something else sounds that may come back as an echo; nothing
   * begins then, and what is loud counts for `heardMs` alone. Returns the changes in their order.
   */
  push(audio: Buffer, isListening = true): readonly VoiceChange[] {
    let changes = noChanges;
    for (let at = 0; at < audio.length; ) {
      const bytes = audio.copy(this.#frame, this.#filledBytes, at);
      at += bytes;
      this.#filledBytes += bytes;
      if (this.#filledBytes < this.#frame.length) break;
      this.#filledBytes = 0;
      const change = this.#level.isLoud(rmsOf(this.#decode())) ? this.#hearVoice(isListening) : this.#hearNothing();
      if (change) changes = [...changes, change];
    }
    return changes;
  }

  #hearVoice(isListening: boolean): VoiceChange | undefined {
    this.#heardMs = performance.now();
    this.#silentMs = 0;
    if (!isListening) return undefined;
    if (this.#loudMs === 0) this.#beganMs = this.#heardMs;
    this.#loudMs += frameMs;
    return this.#loudMs === onsetMs ? { type: 'began' } : undefined;
  }

  #hearNothing(): VoiceChange | undefined {
    this.#silentMs += frameMs;
    if (this.#silentMs < this.#pauseMs || this.#loudMs === 0) return undefined;
    const loudMs = this.#loudMs;
    this.#loudMs = 0;
    return loudMs >= onsetMs ? { type: 'ended', beganMs: this.#beganMs, loudMs } : undefined;
  }

  #decode(): Int16Array {
    if (this.#isMulaw) decodeMulaw(this.#frame, this.#samples);
    else this.#frame.copy(this.#samplesAsBytes);
    return this.#samples;
  }
}
