// Audio that waits for its turn: taken in pieces of any length, given out in frames.

/** One format's bytes, first in, first out, up to a bound. */
export class FrameQueue {
  readonly #maxBytes: number;
  readonly #sampleBytes: number;
  #pieces: Buffer[] = [];
  /** How much of the first piece was taken. */
  #taken = 0;
  #bytes = 0;
  #droppedBytes = 0;
  /** The first byte of a sample cut in two. Padded like the end of a reply, it would turn what follows into noise. */
  #halfSample = Buffer.alloc(0);

  /** `sampleBytes`: 1 of mu-law, 2 of PCM. */
  constructor(maxBytes: number, sampleBytes: 1 | 2) {
    this.#maxBytes = maxBytes;
    this.#sampleBytes = sampleBytes;
  }

  /** Whole samples only. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of pieces that found no room, since the beginning. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Copies. Returns how many bytes were added: none if there is no room for all of them. */
  push(audio: Buffer): number {
    if (this.#bytes + audio.length > this.#maxBytes) {
      this.#droppedBytes += audio.length;
      return 0;
    }
    const piece = Buffer.concat([this.#halfSample, audio]);
    const added = piece.length - (piece.length % this.#sampleBytes);
    this.#halfSample = piece.subarray(added);
    if (added === 0) return 0;
    this.#pieces.push(piece.subarray(0, added));
    this.#bytes += added;
    return added;
  }

  /** Fills the frame from its start and returns how many bytes there were for it; the rest of the frame is left as it was. */
  take(frame: Buffer): number {
    let filled = 0;
    while (filled < frame.length && this.#pieces.length > 0) {
      const piece = this.#pieces[0]!;
      const copied = piece.copy(frame, filled, this.#taken);
      filled += copied;
      this.#taken += copied;
      if (this.#taken === piece.length) {
        this.#pieces.shift();
        this.#taken = 0;
      }
    }
    this.#bytes -= filled;
    return filled;
  }

  /** Copies what would be taken next, and takes nothing. Returns how many bytes that is. */
  peek(target: Buffer): number {
    let filled = 0;
    for (const [index, piece] of this.#pieces.entries()) {
      if (filled === target.length) break;
      filled += piece.copy(target, filled, index === 0 ? this.#taken : 0);
    }
    return filled;
  }

  clear(): void {
    this.#pieces = [];
    this.#taken = 0;
    this.#bytes = 0;
    this.#halfSample = Buffer.alloc(0);
  }
}
