// Tells by loudness alone when somebody on the line speaks: what recognition should have something to say about.
import { type AudioFormat, bytesPerMs, frameMs } from '../../audio/audio-format.ts';
import { decodeMulaw } from '../../audio/mulaw.ts';
import { rmsOf, SpeechLevel } from '../../audio/speech-level.ts';

/** Shorter sounds are clicks and coughs. */
const leastVoiceMs = 200;
/** Longer pauses are the end of what was said. */
const pauseMs = 600;

export type VoiceChange =
  | { readonly type: 'began' }
  /** `loudMs`: how much of it was voice. */
  | { readonly type: 'ended'; readonly loudMs: number };

export class CallerVoice {
  readonly #isMulaw: boolean;
  readonly #frame: Buffer;
  readonly #samples: Int16Array;
  readonly #level = new SpeechLevel();
  #filled = 0;
  #loudMs = 0;
  #silentMs = 0;

  constructor(format: AudioFormat) {
    this.#isMulaw = format.encoding === 'mulaw';
    this.#frame = Buffer.alloc(bytesPerMs(format) * frameMs);
    this.#samples = new Int16Array((format.sampleRate * frameMs) / 1_000);
  }

  /** Any length; the changes in order. */
  push(audio: Buffer): readonly VoiceChange[] {
    const changes: VoiceChange[] = [];
    for (let at = 0; at < audio.length; ) {
      const count = audio.copy(this.#frame, this.#filled, at);
      at += count;
      this.#filled += count;
      if (this.#filled < this.#frame.length) continue;
      this.#filled = 0;
      const change = this.#hear();
      if (change) changes.push(change);
    }
    return changes;
  }

  #hear(): VoiceChange | undefined {
    if (this.#level.isLoud(rmsOf(this.#decode()))) {
      this.#silentMs = 0;
      const hadBegun = this.#loudMs >= leastVoiceMs;
      this.#loudMs += frameMs;
      return !hadBegun && this.#loudMs >= leastVoiceMs ? { type: 'began' } : undefined;
    }
    this.#silentMs += frameMs;
    if (this.#silentMs < pauseMs || this.#loudMs === 0) return undefined;
    const loudMs = this.#loudMs;
    this.#loudMs = 0;
    return loudMs >= leastVoiceMs ? { type: 'ended', loudMs } : undefined;
  }

  #decode(): Int16Array {
    const samples = this.#samples;
    if (this.#isMulaw) decodeMulaw(this.#frame, samples);
    else for (let i = 0; i < samples.length; i++) samples[i] = this.#frame.readInt16LE(2 * i);
    return samples;
  }
}
