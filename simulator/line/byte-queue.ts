// Bytes in the order they came, taken in pieces of any size.

export class ByteQueue {
  #chunks: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps a copy: a converter's output is its own and lasts until its next call. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(Buffer.from(chunk));
    this.#bytes += chunk.length;
  }

  /** As many bytes as asked for, or all there are. */
  take(count: number): Buffer {
    const taken: Buffer[] = [];
    let missing = Math.min(count, this.#bytes);
    this.#bytes -= missing;
    while (missing > 0) {
      const first = this.#chunks[0]!;
      if (first.length <= missing) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(missing);
      const piece = first.subarray(0, missing);
      taken.push(piece);
      missing -= piece.length;
    }
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken);
  }

  /** How many bytes were thrown away. */
  clear(): number {
    const dropped = this.#bytes;
    this.#chunks = [];
    this.#bytes = 0;
    return dropped;
  }
}
