// Keys that the caller presses one after the other, as the one message that they are meant to be.

export interface KeyRules {
  /** Between two keys of a number people pause for less. */
  readonly pauseMs: number;
  /** People are asked to end a number with it. */
  readonly endKey: string | undefined;
  /** A key that is stuck goes on for ever. */
  readonly maxKeys: number;
}

export class KeyPresses {
  readonly #readRules: () => KeyRules;
  readonly #onMessage: (keys: string) => void;
  #keys = '';
  #timer: NodeJS.Timeout | undefined;

  /** `readRules`: asked with each key. `onMessage`: once the last key was pressed; the end key is part of it. */
  constructor(readRules: () => KeyRules, onMessage: (keys: string) => void) {
    this.#readRules = readRules;
    this.#onMessage = onMessage;
  }

  /** Keys were pressed, and more may follow. */
  get isPending(): boolean {
    return this.#keys !== '';
  }

  press(key: string): void {
    const { pauseMs, endKey, maxKeys } = this.#readRules();
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
