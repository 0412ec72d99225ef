// Decodes audio in base64 into memory that is used again.
import type { MessageCursor } from './message-cursor.ts';

/** 20 ms at 24 kHz: a carrier's frames never make it grow, a model's first long piece does. */
const initialBytes = 960;
const padding = 0x3d;
const dash = 0x2d;
const underscore = 0x5f;

export class Base64Audio {
  #memory = Buffer.alloc(initialBytes);
  #view = this.#memory;

  /** What the cursor found last. Undefined for what is not base64 through and through. The result holds until the next one. */
  decode({ bytes, textStart: start, textEnd: end }: MessageCursor): Buffer | undefined {
    const digits = end - start;
    if (digits === 0 || digits % 4 !== 0) return undefined;
    const padded = bytes[end - 1] !== padding ? 0 : bytes[end - 2] !== padding ? 1 : 2;
    const wanted = (digits / 4) * 3 - padded;
    // The alphabet of URLs is decoded too, but is not what these wires carry.
    for (let at = start; at < end; at++) if (bytes[at] === dash || bytes[at] === underscore) return undefined;
    if (wanted > this.#memory.length) this.#memory = Buffer.alloc(2 ** Math.ceil(Math.log2(wanted)));
    // What is no digit is passed over, so the length tells.
    if (this.#memory.write(bytes.toString('latin1', start, end), 'base64') !== wanted) return undefined;
    if (this.#view.length !== wanted || this.#view.buffer !== this.#memory.buffer)
      this.#view = this.#memory.subarray(0, wanted);
    return this.#view;
  }
}
