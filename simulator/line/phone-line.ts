// The line between one phone and what a carrier connects it with: every 20 ms both directions, the keys, and the news of a hang-up.
import { type Phone, phoneFrameSamples } from '../caller/phone.ts';
import { startFrameClock } from './frame-clock.ts';
import type { StereoTape } from './stereo-tape.ts';

export interface FarEnd {
  /** Takes 20 ms of what was said and the keys pressed meanwhile; gives what is heard in the same 20 ms, unless it is silence. */
  beat(spoken: Int16Array, keys: string): Int16Array | undefined;
}

export class PhoneLine {
  readonly #phone: Phone;
  readonly #onHangUp: () => void;
  readonly #stopClock: () => void;
  #farEnd: FarEnd | undefined;
  #other: { readonly phone: Phone; readonly left: () => void } | undefined;
  #tape: Pick<StereoTape, 'add'> | undefined;
  #isThrough = false;
  #closed = false;

  /** Until `connect` only a hang-up is looked for. */
  constructor(phone: Phone, onHangUp: () => void) {
    this.#phone = phone;
    this.#onHangUp = onHangUp;
    this.#stopClock = startFrameClock(() => this.#beat());
  }

  connect(): void {
    this.#isThrough = true;
  }

  /** Who is at the other end from now on; nobody: silence. */
  attach(farEnd: FarEnd | undefined): void {
    this.#farEnd = farEnd;
  }

  /** Gets both directions from now on. */
  record(tape: Pick<StereoTape, 'add'>): void {
    this.#tape = tape;
  }

  /** Talks with another phone instead. Resolves when that one hangs up, or is let go. */
  bridge(phone: Phone): Promise<void> {
    return new Promise((resolve) => {
      this.#other = { phone, left: resolve };
    });
  }

  unbridge(): void {
    const other = this.#other;
    this.#other = undefined;
    other?.phone.lineClosed();
    other?.left();
  }

  /** The carrier leaves the line, but the phone stays on it: a transfer. */
  release(): Phone {
    this.#closed = true;
    this.#stopClock();
    return this.#phone;
  }

  close(): void {
    if (this.#closed) return;
    this.release().lineClosed();
    this.unbridge();
  }

  #beat(): void {
    if (this.#closed) return;
    if (this.#phone.hangsUp) {
      this.#onHangUp();
      return;
    }
    if (!this.#isThrough) return;
    if (this.#other?.phone.hangsUp) {
      this.unbridge();
      return;
    }
    const spoken = this.#phone.speak();
    const keys = this.#phone.takeKeys();
    const heard = this.#other ? talkWith(this.#other.phone, spoken) : this.#farEnd?.beat(spoken, keys);
    const said = heard ?? new Int16Array(phoneFrameSamples);
    this.#tape?.add(spoken, said);
    this.#phone.hear(said);
  }
}

/** A phone's array is its own: the other one gets a copy. */
function talkWith(phone: Phone, said: Int16Array): Int16Array {
  const answer = phone.speak().slice();
  phone.takeKeys();
  phone.hear(said.slice());
  return answer;
}
