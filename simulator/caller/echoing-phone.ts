// A phone on loudspeaker: what comes out of it goes back into its microphone a little later and softer, behind what its owner says.
import { type Phone, phoneFrameMs, phoneFrameSamples } from './phone.ts';

export interface EchoOptions {
  /** From the earpiece to the microphone, in whole frames. */
  readonly delayMs: number;
  /** Of the loudness: 0.3 is about -10 dB. */
  readonly share: number;
}

export class EchoingPhone implements Phone {
  readonly #phone: Phone;
  readonly #share: number;
  readonly #air: Int16Array[];

  constructor(phone: Phone, { delayMs, share }: EchoOptions) {
    this.#phone = phone;
    this.#share = share;
    this.#air = Array.from({ length: Math.round(delayMs / phoneFrameMs) }, () => new Int16Array(phoneFrameSamples));
  }

  get hangsUp(): boolean {
    return this.#phone.hangsUp;
  }

  speak(): Int16Array {
    const said = this.#phone.speak();
    const echo = this.#air.shift();
    if (!echo) return said;
    return said.map((sample, i) => Math.max(-32_768, Math.min(32_767, sample + Math.round(echo[i]! * this.#share))));
  }

  hear(samples: Int16Array): void {
    this.#air.push(samples.slice());
    this.#phone.hear(samples);
  }

  takeKeys(): string {
    return this.#phone.takeKeys();
  }

  lineClosed(): void {
    this.#phone.lineClosed();
  }
}
