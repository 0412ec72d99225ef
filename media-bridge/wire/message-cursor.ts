// Walks along the bytes of a JSON message of a known layout, without parsing it: each step says whether it is what was expected.

const quote = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const lastPrintable = 0x7e;
const zero = 0x30;
const nine = 0x39;
/** Enough for any count of a call, and exact as a number. */
const maxDigits = 15;

export class MessageCursor {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Where the last text lies. */
  textStart = 0;
  textEnd = 0;
  /** The last number. */
  number = 0;

  open(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  /** False, and nothing is passed, where something else stands. */
  pass(literal: Buffer): boolean {
    const at = this.#at;
    if (at + literal.length > this.#end) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
    this.#at = at + literal.length;
    return true;
  }

  /** Up to the next quotation mark: ASCII that means itself. */
  passText(): boolean {
    const bytes = this.#bytes;
    this.textStart = this.#at;
    for (let at = this.#at; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.textEnd = at;
        this.#at = at;
        return true;
      }
      if (byte < firstPrintable || byte > lastPrintable || byte === backslash) return false;
    }
    return false;
  }

  /** Digits as JSON has them: no zero before others. */
  passNumber(): boolean {
    let at = this.#at;
    let value = 0;
    for (; at < this.#end; at++) {
      const byte = this.#bytes[at]!;
      if (byte < zero || byte > nine) break;
      value = value * 10 + byte - zero;
    }
    const digits = at - this.#at;
    if (digits === 0 || digits > maxDigits || (digits > 1 && this.#bytes[this.#at] === zero)) return false;
    this.#at = at;
    this.number = value;
    return true;
  }

  /** Whatever lies before `after`, with which the message ends. */
  passUpTo(after: Buffer): boolean {
    const start = this.#at;
    const end = this.#end - after.length;
    if (end < start) return false;
    this.#at = end;
    if (!this.pass(after)) {
      this.#at = start;
      return false;
    }
    this.textStart = start;
    this.textEnd = end;
    return true;
  }
}

/** A text that is mostly the same as the last time: made a string of only when it is another. */
export class RepeatedText {
  #bytes = Buffer.alloc(0);
  #text = '';

  read({ bytes, textStart, textEnd }: MessageCursor): string {
    const isSame =
      textEnd - textStart === this.#bytes.length && bytes.compare(this.#bytes, 0, undefined, textStart, textEnd) === 0;
    if (!isSame) {
      this.#bytes = Buffer.from(bytes.subarray(textStart, textEnd));
      this.#text = this.#bytes.toString('latin1');
    }
    return this.#text;
  }
}
