// Waits for the caller to say something after a response was played, and tells when nothing came.

export class IdleNudge {
  readonly #triggered: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(triggered: () => void) {
    this.#triggered = triggered;
  }

  /** Starts anew. */
  start(ms: number): void {
    this.stop();
    this.#timer = setTimeout(this.#triggered, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
