// The time of what is heard: it stands still while nothing is, not even silence, since this process did not run or the line was dead.

/** Frames come all the time, heard or made. Less than what ends a sound: it goes on where it was. */
const longestGapMs = 200;

export class HeardClock {
  #nowMs = performance.now();
  #heardAtMs = performance.now();

  get nowMs(): number {
    return this.#nowMs + Math.min(performance.now() - this.#heardAtMs, longestGapMs);
  }

  /** A frame came. */
  hear(): void {
    this.#nowMs = this.nowMs;
    this.#heardAtMs = performance.now();
  }
}
