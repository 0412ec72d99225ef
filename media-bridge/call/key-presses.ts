// Keys that the caller presses one after the other, as the one message that they are meant to be.

/** Between two keys of a number people pause for a second at most. */
const pauseMs = 2_000;
/** People are asked to end a number with it. */
const endKey = '#';
/** Longer than any card or account number; a key that is stuck goes on for ever. */
const maxKeys = 32;

export class KeyPresses {
  readonly #onMessage: (keys: string) => void;
  #keys = '';
  #timer: NodeJS.Timeout | undefined;

  /** `onMessage`: once the last key was pressed; the end key is part of it. */
  constructor(onMessage: (keys: string) => void) {
    this.#onMessage = onMessage;
  }

  /** Keys were pressed, and more may follow. */
  get isPending(): boolean {
    return this.#keys !== '';
  }

  press(key: string): void {
    this.#keys += key;
    clearTimeout(this.#timer);
    if (key === endKey || this.#keys.length >= maxKeys) this.#finish();
    else this.#timer = setTimeout(() => this.#finish(), pauseMs);
  }

  /** Idempotent. What was pressed last is told to nobody. */
  close(): void {
    clearTimeout(this.#timer);
    this.#keys = '';
  }

  #finish(): void {
    const keys = this.#keys;
    this.close();
    this.#onMessage(keys);
  }
}
