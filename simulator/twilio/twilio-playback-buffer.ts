// What the application sent and the caller has not heard: audio and marks in their order, played at 8000 bytes a second.
import type { MarkEcho } from './twilio-media-log.ts';

/** About ten minutes; what goes beyond is thrown away (31931). */
const maxBytes = 10 * 60 * 8000;

export class TwilioPlaybackBuffer {
  #items: (Buffer | string)[] = [];
  #bytes = 0;
  /** In the midst of the frame that is being played. */
  readonly #passed: string[] = [];
  readonly #echo: (name: string, echo: MarkEcho) => void;

  constructor(echo: (name: string, echo: MarkEcho) => void) {
    this.#echo = echo;
  }

  /** False when it is full. */
  push(audio: Buffer): boolean {
    if (this.#bytes + audio.length > maxBytes) return false;
    this.#items.push(audio);
    this.#bytes += audio.length;
    return true;
  }

  mark(name: string): void {
    if (this.#items.length === 0 && this.#passed.length === 0) this.#echo(name, 'idle');
    else this.#items.push(name);
  }

  /** The next so many bytes, or what there is. A mark comes back at the first beat after what lies before it was played. */
  take(bytes: number): Buffer {
    this.#echoPassed();
    const taken: Buffer[] = [];
    let missing = bytes;
    while (this.#items.length > 0 && missing > 0) {
      const first = this.#items[0]!;
      if (typeof first === 'string') {
        this.#items.shift();
        if (missing === bytes) this.#echo(first, 'played');
        else this.#passed.push(first);
        continue;
      }
      if (first.length <= missing) this.#items.shift();
      else this.#items[0] = first.subarray(missing);
      taken.push(first.subarray(0, missing));
      missing -= Math.min(missing, first.length);
    }
    const audio = Buffer.concat(taken);
    this.#bytes -= audio.length;
    return audio;
  }

  /** How many bytes were dropped. All marks come back, in order. */
  clear(): number {
    this.#echoPassed();
    const [items, dropped] = [this.#items, this.#bytes];
    this.#items = [];
    this.#bytes = 0;
    for (const item of items) if (typeof item === 'string') this.#echo(item, 'cleared');
    return dropped;
  }

  #echoPassed(): void {
    for (const name of this.#passed.splice(0)) this.#echo(name, 'played');
  }
}
