// What the agent says to a browser: sent a little ahead of what the page says it has played, and known by nothing else.
import { bytesPerMs, pcm24k } from '../audio/audio-format.ts';

export interface WebPlaybackWire {
  audio(audio: Buffer): void;
  clear(number: number): void;
}

const bytesAMs = bytesPerMs(pcm24k);
/** Rides out a stall of the network; more would only be thrown away when the caller interrupts. */
const maxLeadBytes = 2_000 * bytesAMs;
/** Ten minutes: no reply is longer. */
const maxWaitingBytes = 10 * 60_000 * bytesAMs;

export class WebPlayback {
  readonly #wire: WebPlaybackWire;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #sentBytes = 0;
  #playedBytes = 0;
  /** Where the timeline stood at the last clear: the page counts from there. */
  #clearedAtBytes = 0;
  #clears = 0;
  #dropped = 0;

  constructor(wire: WebPlaybackWire) {
    this.#wire = wire;
  }

  get sentMs(): number {
    return (this.#sentBytes + this.#waitingBytes) / bytesAMs;
  }

  get playedMs(): number {
    return this.#playedBytes / bytesAMs;
  }

  /** Bytes that found no room. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  add(audio: Buffer): void {
    if (audio.length === 0) return;
    if (this.#waitingBytes + audio.length > maxWaitingBytes) {
      this.#dropped += audio.length;
      return;
    }
    this.#waiting.push(Buffer.from(audio));
    this.#waitingBytes += audio.length;
    this.#send();
  }

  /** True when that was the last: everything sent was heard. What is told of before the last clear counts no more. */
  acknowledge(clear: number, bytes: number): boolean {
    if (clear !== this.#clears) return false;
    const before = this.#playedBytes;
    this.#playedBytes = Math.max(before, Math.min(this.#clearedAtBytes + bytes, this.#sentBytes));
    this.#send();
    return this.#playedBytes > before && this.#playedBytes === this.#sentBytes && this.#waitingBytes === 0;
  }

  clear(): void {
    const hasUnheard = this.#sentBytes > this.#playedBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!hasUnheard) return;
    this.#clears += 1;
    this.#sentBytes = this.#playedBytes;
    this.#clearedAtBytes = this.#playedBytes;
    this.#wire.clear(this.#clears);
  }

  #send(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const room = maxLeadBytes - (this.#sentBytes - this.#playedBytes);
      if (room <= 0) return;
      const piece = next.subarray(0, room);
      if (piece.length === next.length) this.#waiting.shift();
      else this.#waiting[0] = next.subarray(room);
      this.#waitingBytes -= piece.length;
      this.#sentBytes += piece.length;
      this.#wire.audio(piece);
    }
  }
}
