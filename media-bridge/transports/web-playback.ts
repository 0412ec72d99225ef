// What the agent says to a browser: sent a little ahead of what the page says it has played, and known by nothing else.
import { bytesPerMs, pcm24k } from '../audio/audio-format.ts';
import { FrameQueue } from '../audio/frame-queue.ts';
import type { Manner } from '../audio/manner.ts';
import type { WebManner } from './web-messages.ts';

export interface WebPlaybackWire {
  audio(audio: Buffer): void;
  clear(number: number): void;
  manner(manner: WebManner): void;
}

const bytesAMs = bytesPerMs(pcm24k);
/** Rides out a stall of the network; more would only be thrown away when the caller interrupts. */
const maxLeadBytes = 2_000 * bytesAMs;
/** Ten minutes: no reply is longer. */
const maxWaitingBytes = 10 * 60_000 * bytesAMs;

export class WebPlayback {
  readonly #wire: WebPlaybackWire;
  readonly #waiting = new FrameQueue(maxWaitingBytes, 2);
  #sentBytes = 0;
  #playedBytes = 0;
  /** Where the timeline stood at the last clear: the page counts from there. */
  #clearedAtBytes = 0;
  #clears = 0;
  #shown: WebManner = 'plain';

  constructor(wire: WebPlaybackWire) {
    this.#wire = wire;
  }

  get sentMs(): number {
    return (this.#sentBytes + this.#waiting.bytes) / bytesAMs;
  }

  get playedMs(): number {
    return this.#playedBytes / bytesAMs;
  }

  /** Bytes that found no room. */
  get droppedBytes(): number {
    return this.#waiting.droppedBytes;
  }

  /** Heard past this socket, beside what goes through it. */
  elapse(ms: number): void {
    const bytes = ms * bytesAMs;
    this.#sentBytes += bytes;
    this.#playedBytes += bytes;
    this.#clearedAtBytes += bytes;
  }

  /** The page changes it at the sample that it plays. */
  set manner(manner: Manner) {
    const shown = manner === 'soft' || manner === 'paused' ? manner : 'plain';
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#wire.manner(shown);
  }

  add(audio: Buffer): void {
    if (this.#waiting.push(audio) > 0) this.#send();
  }

  /** True when that was the last: everything sent was heard. What is told of before the last clear counts no more. */
  acknowledge(clear: number, bytes: number): boolean {
    if (clear !== this.#clears) return false;
    const before = this.#playedBytes;
    this.#playedBytes = Math.max(before, Math.min(this.#clearedAtBytes + bytes, this.#sentBytes));
    this.#send();
    return this.#playedBytes > before && this.#playedBytes === this.#sentBytes && this.#waiting.bytes === 0;
  }

  clear(): void {
    this.manner = 'steady';
    const hasUnheard = this.#sentBytes > this.#playedBytes;
    this.#waiting.clear();
    if (!hasUnheard) return;
    this.#clears += 1;
    this.#sentBytes = this.#playedBytes;
    this.#clearedAtBytes = this.#playedBytes;
    this.#wire.clear(this.#clears);
  }

  #send(): void {
    const bytes = Math.min(this.#waiting.bytes, maxLeadBytes - (this.#sentBytes - this.#playedBytes));
    if (bytes <= 0) return;
    const piece = Buffer.alloc(bytes);
    this.#sentBytes += this.#waiting.take(piece);
    this.#wire.audio(piece);
  }
}
