// Bytes that wait in one stretch of memory, first in, first out: it grows when they are more, and nothing is allocated for each.

export class ByteRing {
  readonly #initialBytes: number;
  /** Whoever never waits has none. */
  #memory = Buffer.alloc(0);
  #start = 0;
  #bytes = 0;

  /** Room for so many is made at first, and kept. */
  constructor(initialBytes: number) {
    this.#initialBytes = initialBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Copies the bytes from `from` to `to`. */
  push(source: Buffer, from = 0, to = source.length): void {
    const added = to - from;
    const wanted = this.#bytes + added;
    if (wanted > this.#memory.length) this.#move(Math.max(wanted, this.#initialBytes, 2 * this.#memory.length));
    const at = (this.#start + this.#bytes) % this.#memory.length;
    const first = source.copy(this.#memory, at, from, to);
    if (first < added) source.copy(this.#memory, 0, from + first, to);
    this.#bytes += added;
  }

  /** Copies what is next, beginning `skipped` bytes behind it, and takes nothing. Returns how many bytes there were for the target. */
  peek(target: Buffer, skipped = 0): number {
    const wanted = Math.min(target.length, this.#bytes - skipped);
    if (wanted <= 0) return 0;
    const at = (this.#start + skipped) % this.#memory.length;
    const first = this.#memory.copy(target, 0, at, Math.min(at + wanted, this.#memory.length));
    if (first < wanted) this.#memory.copy(target, first, 0, wanted - first);
    return wanted;
  }

  /** There must be so many. */
  drop(bytes: number): void {
    this.#bytes -= bytes;
    // Empty, it begins anew: what comes next then lies in one piece.
    this.#start = this.#bytes === 0 ? 0 : (this.#start + bytes) % this.#memory.length;
    // What a burst has taken is given back behind it.
    if (this.#memory.length > 2 * this.#initialBytes && this.#bytes <= this.#initialBytes)
      this.#move(this.#initialBytes);
  }

  /** Gives back what it has grown by. */
  clear(): void {
    this.#start = 0;
    this.#bytes = 0;
    if (this.#memory.length > this.#initialBytes) this.#memory = Buffer.alloc(0);
  }

  #move(bytes: number): void {
    const memory = Buffer.alloc(bytes);
    this.peek(memory);
    this.#memory = memory;
    this.#start = 0;
  }
}
