// Walks along a JSON message of a known layout, without parsing it: each step says whether it is what was expected.

const backslash = 0x5c;
const firstPrintable = 0x20;
const lastPrintable = 0x7e;
const zero = 0x30;
const nine = 0x39;
/** Enough for any count of a call, and exact as a number. */
const maxDigits = 15;

export class MessageCursor {
  /** A letter a byte, whatever they mean: to make a string of bytes and search that is done by the engine, a loop over bytes is not. */
  text = '';
  #at = 0;
  /** Where the last value lies. */
  start = 0;
  end = 0;
  /** The last number. */
  number = 0;

  open(bytes: Buffer, start: number, end: number): void {
    this.text = bytes.toString('latin1', start, end);
    this.#at = 0;
  }

  /** False, and nothing is passed, where something else stands. */
  pass(literal: string): boolean {
    if (!this.text.startsWith(literal, this.#at)) return false;
    this.#at += literal.length;
    return true;
  }

  /** Up to the next quotation mark: ASCII that means itself. */
  passText(): boolean {
    this.start = this.#at;
    this.end = this.text.indexOf('"', this.#at);
    if (this.end < 0) return false;
    for (let at = this.start; at < this.end; at++) {
      const code = this.text.charCodeAt(at);
      if (code < firstPrintable || code > lastPrintable || code === backslash) return false;
    }
    this.#at = this.end;
    return true;
  }

  /** Digits as JSON has them: no zero before others. */
  passNumber(): boolean {
    let at = this.#at;
    let value = 0;
    for (; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code < zero || code > nine) break;
      value = value * 10 + code - zero;
    }
    const digits = at - this.#at;
    if (digits === 0 || digits > maxDigits || (digits > 1 && this.text.charCodeAt(this.#at) === zero)) return false;
    this.#at = at;
    this.number = value;
    return true;
  }

  /** Whatever lies before `after`, with which the message ends. */
  passUpTo(after: string): boolean {
    const end = this.text.length - after.length;
    if (end < this.#at || !this.text.endsWith(after)) return false;
    this.start = this.#at;
    this.end = end;
    this.#at = this.text.length;
    return true;
  }
}

/** A text that is mostly the same as the last time: made a string of only when it is another. */
export class RepeatedText {
  #text = '';

  read({ text, start, end }: MessageCursor): string {
    const isSame = end - start === this.#text.length && text.startsWith(this.#text, start);
    // A copy: a part of the message would keep all of it.
    if (!isSame) this.#text = Buffer.from(text.slice(start, end), 'latin1').toString('latin1');
    return this.#text;
  }
}
