// The line between one phone and the service: on every beat it carries 20 ms each way, the keys, and the news of a hang-up.

import { type Phone, phoneFrameSamples } from '../caller/phone.ts';
import { startFrameClock } from '../line/frame-clock.ts';
import type { AcsMediaLeg } from './acs-media-leg.ts';
import type { AcsPrompts } from './acs-prompts.ts';

export interface AcsLineOptions {
  readonly phone: Phone;
  readonly prompts: AcsPrompts;
  /** The media leg of this moment, if there is one. */
  readonly media: () => AcsMediaLeg | undefined;
  readonly onKeys: (keys: string) => void;
  readonly onHangUp: () => void;
}

export class AcsLine {
  readonly #options: AcsLineOptions;
  readonly #stopClock: () => void;
  #isThrough = false;
  #closed = false;

  /** Until `connect` only a hang-up is looked for. */
  constructor(options: AcsLineOptions) {
    this.#options = options;
    this.#stopClock = startFrameClock(() => this.#beat());
  }

  connect(): void {
    this.#isThrough = true;
  }

  /** The service leaves the line, but the phone stays on it: a transfer. */
  release(): Phone {
    this.#closed = true;
    this.#stopClock();
    return this.#options.phone;
  }

  close(): void {
    if (this.#closed) return;
    this.release().lineClosed();
  }

  #beat(): void {
    const { phone, prompts, media, onKeys, onHangUp } = this.#options;
    if (phone.hangsUp) onHangUp();
    if (!this.#isThrough || this.#closed) return;
    const leg = media();
    const spoken = phone.speak();
    leg?.sendFrame(spoken);
    const keys = phone.takeKeys();
    if (keys) {
      leg?.sendKeys(keys);
      onKeys(keys);
    }
    const heard = leg?.takePlayback() ?? new Int16Array(phoneFrameSamples);
    prompts.mixInto(heard);
    phone.hear(heard);
  }
}
