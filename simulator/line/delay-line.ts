// A way that takes time: what is sent along it arrives later, and nothing overtakes what went before.

export class DelayLine {
  readonly #underWay: (() => void)[] = [];
  #lastArrivalMs = 0;
  #heldUntilMs = 0;

  /** Runs at once where nothing holds it up. */
  send(arrive: () => void, delayMs: number): void {
    const now = performance.now();
    const arrivalMs = Math.max(this.#lastArrivalMs, this.#heldUntilMs, now + delayMs);
    if (arrivalMs <= now && this.#underWay.length === 0) {
      arrive();
      return;
    }
    this.#lastArrivalMs = arrivalMs;
    this.#underWay.push(arrive);
    // Timers are rounded to milliseconds and may overtake each other: whichever comes first lets the oldest arrive.
    setTimeout(() => this.#underWay.shift()!(), arrivalMs - now);
  }

  /** What is sent meanwhile arrives in one burst afterwards. */
  holdFor(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, performance.now() + ms);
  }
}
