// Tells by loudness alone when somebody on the line speaks: what recognition should have something to say about.
import { type AudioFormat, bytesPerMs } from '../../audio/audio-format.ts';
import { decodeMulaw } from '../../audio/mulaw.ts';

const frameMs = 20;
/** About -42 dBFS: speech on a telephone line lies 10 dB and more above, a quiet line's noise below. */
const leastRms = 250;
/** Speech is louder than the steady noise of a street by this factor. */
const overNoise = 3;
/** Nobody speaks for so long without a gap: the quietest frame of it is the noise behind the voice. */
const noiseFrames = 1_000 / frameMs;
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
  readonly #levels = new Float64Array(noiseFrames).fill(Number.POSITIVE_INFINITY);
  #filled = 0;
  #frames = 0;
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
    const rms = this.#measure();
    this.#levels[this.#frames++ % noiseFrames] = rms;
    const isLoud = rms > Math.max(leastRms, overNoise * this.#levels.reduce((a, b) => Math.min(a, b)));
    if (isLoud) {
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

  #measure(): number {
    const samples = this.#samples;
    if (this.#isMulaw) decodeMulaw(this.#frame, samples);
    else for (let i = 0; i < samples.length; i++) samples[i] = this.#frame.readInt16LE(2 * i);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    return Math.sqrt(sum / samples.length);
  }
}
