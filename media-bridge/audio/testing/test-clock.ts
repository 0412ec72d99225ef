// A test's own time: timers and the monotonic clock go on when the test says so.
import type { TestContext } from 'node:test';

type Run = () => void;

interface TestTimer {
  readonly run: Run;
  readonly everyMs: number | undefined;
  dueMs: number;
}

/** In place of the process's own timers and `performance.now` until the end of the test. Whole milliseconds and one at least, as Node's. */
export class TestClock {
  /** Not whole, as the real one is not. */
  nowMs = 5000.25;
  /** How many ms too late a timer goes off. */
  lateness: () => number = () => 0;
  readonly #timers = new Set<TestTimer>();
  /** What the last clock has replaced: a test that makes a second one must end with the process's own timers, not with those of its first. */
  static #restore: (() => void)[] = [];

  constructor(t: TestContext) {
    for (const restore of TestClock.#restore) restore();
    TestClock.#restore = [];
    const clear = (timer: TestTimer | undefined) => void (timer && this.#timers.delete(timer));
    const replacements = {
      setTimeout: (run: Run, delayMs?: number) => this.#set(run, delayMs),
      setInterval: (run: Run, everyMs?: number) => this.#set(run, everyMs, everyMs),
      clearTimeout: clear,
      clearInterval: clear,
    };
    for (const [name, replacement] of Object.entries(replacements)) {
      const { mock } = t.mock.method(globalThis, name as 'setTimeout', replacement as unknown as typeof setTimeout);
      TestClock.#restore.push(() => mock.restore());
    }
    const { mock } = t.mock.method(performance, 'now', () => this.nowMs);
    TestClock.#restore.push(() => mock.restore());
  }

  /** How many have still to go off. */
  get timers(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs);
      if (!next || next.dueMs > endMs) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      if (next.everyMs === undefined) this.#timers.delete(next);
      else next.dueMs = this.nowMs + next.everyMs;
      next.run();
    }
    this.nowMs = endMs;
  }

  /** The process does not get to run: what was due meanwhile goes off at the end. */
  stall(ms: number): void {
    this.nowMs += ms;
    this.pass(0);
  }

  #set(run: Run, delayMs = 1, everyMs?: number): TestTimer & { unref(): unknown; ref(): unknown } {
    const dueMs = this.nowMs + Math.max(1, Math.trunc(delayMs)) + this.lateness();
    const timer = { run, everyMs, dueMs, unref: () => timer, ref: () => timer };
    this.#timers.add(timer);
    return timer;
  }
}
