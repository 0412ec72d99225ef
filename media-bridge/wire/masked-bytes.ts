// Memory for a payload and its mask, aligned so that the mask goes on and off four bytes at a time.
import { randomFillSync } from 'node:crypto';

/** The payload begins at a multiple of four, and the memory ends at one. */
export class MaskedBytes {
  readonly bytes: Buffer;
  readonly #words: Int32Array;

  constructor(bytes: number) {
    this.#words = new Int32Array(Math.ceil(bytes / 4));
    this.bytes = Buffer.from(this.#words.buffer);
  }

  /** `from`: a multiple of four. `key`: as an Int32Array would read its four bytes. Beyond `to` up to three bytes change. */
  apply(key: number, from: number, to: number): void {
    const words = this.#words;
    const end = Math.ceil(to / 4);
    for (let i = from >> 2; i < end; i++) words[i]! ^= key;
  }
}

/** Nobody outside may guess them: they keep what a peer sends from looking like another protocol to what is in between. */
export class MaskingKeys {
  readonly #keys = new Int32Array(64);
  #next = this.#keys.length;

  take(): number {
    if (this.#next === this.#keys.length) {
      randomFillSync(this.#keys);
      this.#next = 0;
    }
    return this.#keys[this.#next++]!;
  }
}
