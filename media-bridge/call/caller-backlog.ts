// What the caller says while no model listens, kept for the next one.
import { type AudioFormat, bytesPerMs } from '../audio/audio-format.ts';

/** Opening a model takes a second or two. What was said longer ago is answered by nobody any more. */
const maxHeldMs = 5_000;

export class CallerBacklog {
  readonly #maxBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(format: AudioFormat) {
    this.#maxBytes = maxHeldMs * bytesPerMs(format);
  }

  /** Copies. Beyond the bound the oldest goes. */
  add(audio: Buffer): void {
    this.#pieces.push(Buffer.from(audio));
    this.#bytes += audio.length;
    while (this.#bytes > this.#maxBytes) this.#bytes -= this.#pieces.shift()!.length;
  }

  /** In the order it came; afterwards nothing is held. */
  takeAll(): readonly Buffer[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#bytes = 0;
    return pieces;
  }
}
