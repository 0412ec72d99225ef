// Hears by the sound alone when the caller speaks: a model that has gone deaf says nothing of it.
import { type AudioFormat, bytesPerMs, frameMs } from '../../audio/audio-format.ts';
import { decodeMulaw } from '../../audio/mulaw.ts';
import { rmsOf, SpeechLevel } from '../../audio/speech-level.ts';

/** Longer than a click; by then most of what comes before a word is in the second that is always kept. */
const onsetMs = 200;
/** Shorter is a cough or a key. */
const leastSpeechMs = 400;
/** Longer than the gaps between words, shorter than it takes a model to find the end of a turn and us to give up on that. */
const pauseMs = 800;

export type EarEvent = { readonly type: 'began' } | { readonly type: 'ended'; readonly beganMs: number };

export class CallerEar {
  readonly #format: AudioFormat;
  readonly #bytes: Buffer;
  readonly #frame: Int16Array;
  readonly #level = new SpeechLevel();
  #filled = 0;
  #heardMs = Number.NEGATIVE_INFINITY;
  #beganMs: number | undefined;
  #loudMs = 0;

  constructor(format: AudioFormat) {
    this.#format = format;
    this.#bytes = Buffer.alloc(bytesPerMs(format) * frameMs);
    this.#frame = new Int16Array((format.sampleRate * frameMs) / 1000);
  }

  /** When the newest loud frame came (performance.now). */
  get heardMs(): number {
    return this.#heardMs;
  }

  /**
   * The caller's audio, of any length. `isListening`: false while the agent sounds, whose echo may come back; nothing begins then.
   * Returns when something begins that may be words, and once it has ended if it was long enough for any.
   */
  hear(audio: Buffer, isListening: boolean): EarEvent | undefined {
    let news: EarEvent | undefined;
    for (let at = 0; at < audio.length; ) {
      const count = audio.copy(this.#bytes, this.#filled, at);
      this.#filled += count;
      at += count;
      if (this.#filled < this.#bytes.length) break;
      this.#filled = 0;
      news = this.#hearFrame(isListening) ?? news;
    }
    return news;
  }

  #hearFrame(isListening: boolean): EarEvent | undefined {
    const nowMs = performance.now();
    if (this.#level.isLoud(rmsOf(this.#decode()))) {
      this.#heardMs = nowMs;
      if (!isListening) return undefined;
      this.#beganMs ??= nowMs;
      this.#loudMs += frameMs;
      return this.#loudMs === onsetMs ? { type: 'began' } : undefined;
    }
    if (this.#beganMs === undefined || nowMs - this.#heardMs < pauseMs) return undefined;
    const beganMs = this.#beganMs;
    const isSpeech = this.#loudMs >= leastSpeechMs;
    this.#beganMs = undefined;
    this.#loudMs = 0;
    return isSpeech ? { type: 'ended', beganMs } : undefined;
  }

  #decode(): Int16Array {
    if (this.#format.encoding === 'mulaw') decodeMulaw(this.#bytes, this.#frame);
    else for (let i = 0; i < this.#frame.length; i++) this.#frame[i] = this.#bytes.readInt16LE(2 * i);
    return this.#frame;
  }
}
