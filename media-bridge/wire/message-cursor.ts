// Walks along a JSON message of a known layout, without parsing it: each step says whether it is what was expected.

const quotationMark = 0x22;
const backslash = 0x5c;
const firstPrintable = 0x20;
const lastPrintable = 0x7e;
const zero = 0x30;
const nine = 0x39;
/** Enough for any count of a call, and exact as a number. */
const maxDigits = 15;

export class MessageCursor {
  bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  /** Where the last value lies. */
  start = 0;
  end = 0;
  /** The last number. */
  number = 0;

  open(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Nothing more stands there. */
  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** The last value: text. */
  readText(): string {
    return this.bytes.toString('latin1', this.start, this.end);
  }

  /** False, and nothing is passed, where something else stands. */
  pass(literal: Buffer): boolean {
    if (!this.#isAt(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  /** Up to the next quotation mark: ASCII that means itself. */
  passText(): boolean {
    const { bytes } = this;
    for (let at = this.#at; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte === quotationMark) {
        this.start = this.#at;
        this.end = at;
        this.#at = at;
        return true;
      }
      if (byte < firstPrintable || byte > lastPrintable || byte === backslash) return false;
    }
    return false;
  }

  /** Digits as JSON has them: no zero before others. */
  passNumber(): boolean {
    const { bytes } = this;
    let at = this.#at;
    let value = 0;
    for (; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (byte < zero || byte > nine) break;
      value = value * 10 + byte - zero;
    }
    const digits = at - this.#at;
    if (digits === 0 || digits > maxDigits || (digits > 1 && bytes[this.#at] === zero)) return false;
    this.#at = at;
    this.number = value;
    return true;
  }

  /** Whatever lies before `after`, with which the message ends. */
  passUpTo(after: Buffer): boolean {
    const end = this.#end - after.length;
    if (end < this.#at || !this.#isAt(after, end)) return false;
    this.start = this.#at;
    this.end = end;
    this.#at = this.#end;
    return true;
  }

  #isAt(literal: Buffer, at: number): boolean {
    const { bytes } = this;
    if (at + literal.length > this.#end) return false;
    for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return false;
    return true;
  }
}

/** Of ASCII, for as long as a call: a piece of the memory that Node keeps for small buffers would keep all of it. */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}

/** A text that is mostly the same as the last time: made a string of only when it is another. */
export class RepeatedText {
  #text = '';

  read(cursor: MessageCursor): string {
    if (!this.#isSame(cursor)) this.#text = cursor.readText();
    return this.#text;
  }

  #isSame({ bytes, start, end }: MessageCursor): boolean {
    const known = this.#text;
    if (end - start !== known.length) return false;
    for (let i = 0; i < known.length; i++) if (bytes[start + i] !== known.charCodeAt(i)) return false;
    return true;
  }
}
