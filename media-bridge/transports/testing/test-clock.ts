// A monotonic clock that goes when the test says so, and runs what has become due in order.

export class TestClock {
  readonly timers = new Set<{ atMs: number; run: () => void }>();
  #nowMs = 0;

  readonly now = (): number => this.#nowMs;

  /** Returns how to take it back. */
  readonly schedule = (delayMs: number, run: () => void): (() => void) => {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };

  /** Returns stop. */
  readonly every = (ms: number, run: () => void): (() => void) => {
    const again = (): (() => void) =>
      this.schedule(ms, () => {
        cancel = again();
        run();
      });
    let cancel = again();
    return () => cancel();
  };

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.timers.delete(next);
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }
}
