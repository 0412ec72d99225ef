// The loudness of a voice as it changes: in ramps that nobody hears as a click.
import type { AudioFormat } from './audio-format.ts';
import { decodeMulaw, encodeMulaw } from './mulaw.ts';
import { SampleBuffer } from './sample-buffer.ts';

/** -12 dB: clearly softer, and still to be understood. */
const softGain = 0.25;
const softenMs = 40;
/** Into a pause, and out of it. */
const stopMs = 10;
const startMs = 20;

/** Of all voices, while a frame is changed. */
const decoded = new SampleBuffer();

export class VoiceGain {
  readonly #isMulaw: boolean;
  readonly #step: number;
  readonly #stopSamples: number;
  readonly #startSamples: number;
  #gain = 1;
  #target = 1;
  /** Of a start, so many samples are still to come. */
  #starting = 0;

  constructor({ encoding, sampleRate }: AudioFormat) {
    this.#isMulaw = encoding === 'mulaw';
    const perMs = sampleRate / 1_000;
    this.#step = (1 - softGain) / (softenMs * perMs);
    this.#stopSamples = stopMs * perMs;
    this.#startSamples = startMs * perMs;
  }

  set isSoft(isSoft: boolean) {
    this.#target = isSoft ? softGain : 1;
  }

  /** The voice was silent, and begins in the middle of a sound. */
  start(): void {
    this.#starting = this.#startSamples;
  }

  /** As loud as ever, at once: what comes next is another voice, or another sentence. */
  reset(): void {
    this.#gain = 1;
    this.#target = 1;
    this.#starting = 0;
  }

  /** Changes it in place; whole samples. `untilStop`: so many of them are left, these included, before it falls silent. */
  apply(audio: Buffer, untilStop = Number.POSITIVE_INFINITY): void {
    const isPlain = this.#gain === 1 && this.#target === 1 && this.#starting === 0;
    const count = this.#isMulaw ? audio.length : audio.length >> 1;
    if (isPlain && untilStop - count >= this.#stopSamples) return;
    decoded.reserve(count);
    const { samples } = decoded;
    if (this.#isMulaw) decodeMulaw(audio, samples);
    else audio.copy(decoded.bytes);
    for (let i = 0; i < count; i++) samples[i] = Math.round(samples[i]! * this.#next(untilStop - i));
    if (this.#isMulaw) encodeMulaw(samples, audio, count);
    else decoded.bytes.copy(audio, 0, 0, count * 2);
  }

  #next(untilStop: number): number {
    if (this.#gain > this.#target) this.#gain = Math.max(this.#target, this.#gain - this.#step);
    else if (this.#gain < this.#target) this.#gain = Math.min(this.#target, this.#gain + this.#step);
    let gain = this.#gain;
    if (this.#starting > 0) gain *= 1 - this.#starting-- / this.#startSamples;
    return untilStop < this.#stopSamples ? (gain * untilStop) / this.#stopSamples : gain;
  }
}
