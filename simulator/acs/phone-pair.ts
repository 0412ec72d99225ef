// Two phones back to back: what one hears the other says, so that two lines can be joined.
import { type Phone, phoneFrameSamples } from '../caller/phone.ts';

/** The clocks of the two lines beat at their own moments: a frame or two may wait between them. */
const maxWaiting = 5;

export function createPhonePair(): readonly [Phone, Phone] {
  const [a, b] = [new PairedPhone(), new PairedPhone()];
  a.other = b;
  b.other = a;
  return [a, b];
}

class PairedPhone implements Phone {
  other: PairedPhone | undefined;
  hangsUp = false;
  readonly #waiting: Int16Array[] = [];
  #keys = '';

  speak(): Int16Array {
    return this.#waiting.shift() ?? new Int16Array(phoneFrameSamples);
  }

  hear(samples: Int16Array): void {
    this.other!.#take(samples);
  }

  takeKeys(): string {
    const keys = this.#keys;
    this.#keys = '';
    return keys;
  }

  lineClosed(): void {
    this.other!.hangsUp = true;
  }

  #take(samples: Int16Array): void {
    this.#waiting.push(samples.slice());
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
  }
}
