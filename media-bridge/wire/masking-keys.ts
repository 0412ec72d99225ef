// The keys by which a client masks what it sends: each frame has another one.
import { randomFillSync } from 'node:crypto';

/** Nobody outside may guess them: they keep what a peer sends from looking like another protocol to what is in between. */
export class MaskingKeys {
  readonly #keys = new Int32Array(32);
  #next = this.#keys.length;

  /** As four bytes of a little-endian number. */
  take(): number {
    if (this.#next === this.#keys.length) {
      randomFillSync(this.#keys);
      this.#next = 0;
    }
    return this.#keys[this.#next++]!;
  }
}
