// What the agent is about to say: waits for its turn, leaves in frames as loud as it is to be heard, and may be paused in between.
import { type AudioFormat, bytesPerMs } from './audio-format.ts';
import { FrameQueue } from './frame-queue.ts';
import type { Manner } from './manner.ts';
import { decodeMulaw } from './mulaw.ts';
import { findQuietPoint } from './quiet-point.ts';
import { VoiceGain } from './voice-gain.ts';

/** Within which it is stopped: there is a softer moment in most stretches of this length, and whoever speaks into it waits no longer. */
const pauseWithinMs = 40;

export class VoiceQueue {
  readonly #format: AudioFormat;
  readonly #sampleBytes: 1 | 2;
  readonly #queue: FrameQueue;
  readonly #gain: VoiceGain;
  /** What may still leave before the pause; undefined where there is none. */
  #untilPause: number | undefined;

  constructor(format: AudioFormat, maxMs: number) {
    this.#format = format;
    this.#sampleBytes = format.encoding === 'pcm16' ? 2 : 1;
    this.#queue = new FrameQueue(maxMs * bytesPerMs(format), this.#sampleBytes);
    this.#gain = new VoiceGain(format);
  }

  /** All that waits, in whole samples. */
  get bytes(): number {
    return this.#queue.bytes;
  }

  /** Of that, what may leave. */
  get readyBytes(): number {
    return Math.min(this.#queue.bytes, this.#untilPause ?? Number.POSITIVE_INFINITY);
  }

  /** Nothing is to be waited for behind what is ready. */
  get isPaused(): boolean {
    return this.#untilPause !== undefined;
  }

  /** Of pieces that found no room, since the beginning. */
  get droppedBytes(): number {
    return this.#queue.droppedBytes;
  }

  set manner(manner: Manner) {
    if (manner === 'paused') this.#untilPause ??= this.#findPause();
    else if (this.#untilPause !== undefined) {
      if (this.#untilPause === 0) this.#gain.start();
      this.#untilPause = undefined;
    }
    if (manner !== 'paused') this.#gain.isSoft = manner === 'soft';
  }

  /** Copies. Returns how many bytes were added: none if there is no room for all of them. */
  push(audio: Buffer): number {
    return this.#queue.push(audio);
  }

  /** Fills the frame from its start with what may leave, and returns how many bytes that was. */
  take(frame: Buffer): number {
    const limit = this.#untilPause;
    if (limit === undefined) {
      const filled = this.#queue.take(frame);
      this.#gain.apply(filled === frame.length ? frame : frame.subarray(0, filled));
      return filled;
    }
    const filled = this.#queue.take(frame.subarray(0, Math.min(frame.length, limit)));
    this.#gain.apply(frame.subarray(0, filled), limit / this.#sampleBytes);
    this.#untilPause = limit - filled;
    return filled;
  }

  /** Drops what waits; what comes next is heard as it is, and at once. */
  clear(): void {
    this.#queue.clear();
    this.#gain.reset();
    this.#untilPause = undefined;
  }

  #findPause(): number {
    const next = Buffer.alloc(pauseWithinMs * bytesPerMs(this.#format));
    const bytes = this.#queue.peek(next);
    const samples = new Int16Array(bytes / this.#sampleBytes);
    if (this.#sampleBytes === 1) decodeMulaw(next.subarray(0, bytes), samples);
    else next.copy(Buffer.from(samples.buffer), 0, 0, bytes);
    return findQuietPoint(samples, this.#format.sampleRate) * this.#sampleBytes;
  }
}
