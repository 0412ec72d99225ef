// Decodes audio in base64 into memory that is used again.
import type { MessageCursor } from './message-cursor.ts';

/** 20 ms at 24 kHz: a carrier's frames never make it grow, a model's first long piece does. */
const initialBytes = 960;

export class Base64Audio {
  #memory = Buffer.alloc(initialBytes);
  #view = this.#memory;

  /** What the cursor found last. Undefined for what is not base64 through and through. The result holds until the next one. */
  decode({ text, start, end }: MessageCursor): Buffer | undefined {
    const digits = text.slice(start, end);
    // The alphabet of URLs is decoded too, but is not what these wires carry.
    if (digits === '' || digits.length % 4 !== 0 || digits.includes('-') || digits.includes('_')) return undefined;
    const padding = digits.endsWith('==') ? 2 : digits.endsWith('=') ? 1 : 0;
    const wanted = (digits.length / 4) * 3 - padding;
    if (wanted > this.#memory.length) this.#memory = Buffer.alloc(2 ** Math.ceil(Math.log2(wanted)));
    // What is no digit is passed over, so the length tells.
    if (this.#memory.write(digits, 'base64') !== wanted) return undefined;
    if (this.#view.length !== wanted || this.#view.buffer !== this.#memory.buffer)
      this.#view = this.#memory.subarray(0, wanted);
    return this.#view;
  }
}
