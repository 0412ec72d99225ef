// Bytes that wait, first in, first out, in blocks of memory that all queues of the process take and give back.

/** 128 ms at 16 kHz: who speaks no faster than it is played never needs more than two. */
const blockBytes = 4 * 1024;
/** Some 8 MB: more than a hundred calls give back and take again while replies that come fast end and begin. */
const maxSpareBlocks = 2_048;

/**
 * Kept rather than dropped: memory beside the heap counts for the engine, which collects all of the heap to be rid of it. A hundred
 * calls whose replies wait would have it do so every second.
 */
const spareBlocks: Buffer[] = [];

export class ByteQueue {
  /** The first holds what is next; none is behind the last byte. */
  readonly #blocks: Buffer[] = [];
  /** Within the first block. */
  #start = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Copies the bytes from `from` to `to`. */
  push(source: Buffer, from = 0, to = source.length): void {
    for (let copied = from; copied < to; ) {
      const end = this.#start + this.#bytes;
      const index = Math.floor(end / blockBytes);
      if (index === this.#blocks.length) this.#blocks.push(spareBlocks.pop() ?? Buffer.alloc(blockBytes));
      const bytes = source.copy(this.#blocks[index]!, end % blockBytes, copied, to);
      copied += bytes;
      this.#bytes += bytes;
    }
  }

  /** Copies what is next, beginning `skipped` bytes behind it, and takes nothing. Returns how many bytes there were for the target. */
  peek(target: Buffer, skipped = 0): number {
    const wanted = Math.max(0, Math.min(target.length, this.#bytes - skipped));
    for (let copied = 0; copied < wanted; ) {
      const from = this.#start + skipped + copied;
      const at = from % blockBytes;
      copied += this.#blocks[Math.floor(from / blockBytes)]!.copy(target, copied, at, at + wanted - copied);
    }
    return wanted;
  }

  /** There must be so many. */
  drop(bytes: number): void {
    this.#bytes -= bytes;
    this.#start += bytes;
    for (; this.#start >= blockBytes; this.#start -= blockBytes) giveBack(this.#blocks.shift()!);
    // Empty, it begins anew, in the same block: what comes next then lies in one piece.
    if (this.#bytes === 0) this.#start = 0;
  }

  clear(): void {
    this.#blocks.splice(0).forEach(giveBack);
    this.#start = 0;
    this.#bytes = 0;
  }
}

function giveBack(block: Buffer): void {
  if (spareBlocks.length < maxSpareBlocks) spareBlocks.push(block);
}
