// Tells by loudness alone when somebody on a line speaks, and for how long: no model is asked, so it hears also for one that is deaf.
import { type AudioFormat, frameMs } from './audio-format.ts';
import { LineFrames } from './line-frames.ts';
import { rmsOf, SpeechLevel } from './speech-level.ts';

/** Of almost every frame. */
const noChanges: readonly VoiceChange[] = [];
/** Shorter sounds are clicks. */
const onsetMs = 200;
/** About -52 dBFS: what is softer is nobody's word. */
const quietRms = 80;

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
  readonly #pauseMs: number;
  readonly #frames: LineFrames;
  readonly #level = new SpeechLevel();
  /** Of the audio that is being heard. */
  #changes = noChanges;
  #isListening = true;
  #heardMs = Number.NEGATIVE_INFINITY;
  #beganMs = 0;
  #loudMs = 0;
  #silentMs = 0;
  #quietMs = 0;

  constructor({ format, pauseMs }: VoiceDetectorOptions) {
    this.#pauseMs = pauseMs;
    this.#frames = new LineFrames(format);
  }

  /** When the newest loud frame came. Minus infinity before the first. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** When what goes on, or is over for less than a pause, began. */
  get voiceSinceMs(): number | undefined {
    return this.#loudMs > 0 ? this.#beganMs : undefined;
  }

  /** Of the audio up to now, how much has been too soft to be anything. */
  get quietMs(): number {
    return this.#quietMs;
  }

  /**
   * Audio of the line, of any length. `isListening`: false while something else sounds that may come back as an echo; nothing
   * begins then, and what is loud counts for `heardMs` alone. Returns the changes in their order.
   */
  push(audio: Buffer, isListening = true): readonly VoiceChange[] {
    this.#changes = noChanges;
    this.#isListening = isListening;
    this.#frames.cut(audio, this.#hear);
    return this.#changes;
  }

  /** Made once: there is a frame every 20 ms. */
  readonly #hear = (samples: Int16Array): void => {
    const rms = rmsOf(samples);
    this.#quietMs = rms < quietRms ? this.#quietMs + frameMs : 0;
    const change = this.#level.isLoud(rms) ? this.#hearVoice() : this.#hearNothing();
    if (change) this.#changes = [...this.#changes, change];
  };

  #hearVoice(): VoiceChange | undefined {
    this.#heardMs = performance.now();
    this.#silentMs = 0;
    if (!this.#isListening) return undefined;
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
}
