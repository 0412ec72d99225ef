// A phone that notes when its owner was last heard: what a trace says of the caller is held against it.
import { level } from '../caller/agent-ear.ts';
import type { Phone } from '../caller/phone.ts';

/** -44 dBFS: under any syllable. */
const audible = 200;

export class ListeningPhone implements Phone {
  readonly #phone: Phone;
  /** The end of each stretch of voice that was followed by a pause, by the monotonic clock. */
  readonly stops: number[] = [];
  #lastLoudMs: number | undefined;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  get hangsUp(): boolean {
    return this.#phone.hangsUp;
  }

  /** What was picked up in the 20 ms until now. */
  speak(): Int16Array {
    const said = this.#phone.speak();
    if (level(said) >= audible) this.#lastLoudMs = performance.now();
    else if (this.#lastLoudMs !== undefined && performance.now() - this.#lastLoudMs > 300) {
      this.stops.push(this.#lastLoudMs);
      this.#lastLoudMs = undefined;
    }
    return said;
  }

  hear(samples: Int16Array): void {
    this.#phone.hear(samples);
  }

  takeKeys(): string {
    return this.#phone.takeKeys();
  }

  lineClosed(): void {
    this.#phone.lineClosed();
  }
}
