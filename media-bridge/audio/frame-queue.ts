// Audio that waits for its turn: taken in pieces of any length, given out in frames.
import { ByteQueue } from './byte-queue.ts';

/** One format's bytes, first in, first out, up to a bound. */
export class FrameQueue {
  readonly #maxBytes: number;
  readonly #sampleBytes: number;
  readonly #waiting = new ByteQueue();
  #droppedBytes = 0;
  /** The first byte of a sample cut in two. Padded like the end of a reply, it would turn what follows into noise. */
  readonly #halfSample = Buffer.alloc(1);
  #hasHalf = false;

  /** `sampleBytes`: 1 of mu-law, 2 of PCM. */
  constructor(maxBytes: number, sampleBytes: 1 | 2) {
    this.#maxBytes = maxBytes;
    this.#sampleBytes = sampleBytes;
  }

  /** Whole samples only. */
  get bytes(): number {
    return this.#waiting.bytes;
  }

  /** Of pieces that found no room, since the beginning. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Copies. Returns how many bytes were added: none if there is no room for all of them. */
  push(audio: Buffer): number {
    if (this.bytes + audio.length > this.#maxBytes) {
      this.#droppedBytes += audio.length;
      return 0;
    }
    if (audio.length === 0) return 0;
    const carried = this.#hasHalf ? 1 : 0;
    const halves = (carried + audio.length) % this.#sampleBytes;
    const added = carried + audio.length - halves;
    if (added > 0) {
      if (carried) this.#waiting.push(this.#halfSample);
      this.#waiting.push(audio, 0, audio.length - halves);
    }
    this.#hasHalf = halves > 0;
    if (this.#hasHalf) this.#halfSample[0] = audio[audio.length - 1]!;
    return added;
  }

  /** Fills the frame from its start and returns how many bytes there were for it; the rest of the frame is left as it was. */
  take(frame: Buffer): number {
    const filled = this.#waiting.peek(frame);
    this.#waiting.drop(filled);
    return filled;
  }

  /** Copies what would be taken next, and takes nothing. Returns how many bytes that is. */
  peek(target: Buffer): number {
    return this.#waiting.peek(target);
  }

  clear(): void {
    this.#waiting.clear();
    this.#hasHalf = false;
  }
}
