// Does work for keys behind the scenes: one piece at a time for each key, several keys at once; after a failure one key tries for all.

export interface WriteBehindOptions<Key> {
  /** Rejects to be called again for the same key. */
  readonly work: (key: Key) => Promise<void>;
  readonly maxParallel: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  /** So long a key rests after its work was done: what is added meanwhile is one more piece. */
  readonly restMs?: number;
  /** Each time before it waits. */
  readonly onFailure?: (error: unknown) => void;
}

export class WriteBehind<Key> {
  readonly #options: WriteBehindOptions<Key>;
  readonly #ready = new Set<Key>();
  readonly #delayed = new Map<Key, NodeJS.Timeout>();
  readonly #running = new Set<Key>();
  readonly #resting = new Map<Key, NodeJS.Timeout>();
  readonly #settled = new Map<Key, PromiseWithResolvers<void>>();
  #failures = 0;
  #pause: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: WriteBehindOptions<Key>) {
    this.#options = options;
  }

  /** Keys with work to do. */
  get size(): number {
    return new Set([...this.#ready, ...this.#delayed.keys(), ...this.#running]).size;
  }

  /** The last piece of work failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  has(key: Key): boolean {
    return this.#ready.has(key) || this.#delayed.has(key) || this.#running.has(key);
  }

  /** A delay is the longest that the work may wait for its turn, not the shortest. */
  add(key: Key, delayMs = 0): void {
    if (this.#isClosed || this.#ready.has(key)) return;
    if (delayMs > 0) {
      if (!this.#delayed.has(key))
        this.#delayed.set(
          key,
          startTimer(delayMs, () => this.add(key)),
        );
      return;
    }
    clearTimeout(this.#delayed.get(key));
    this.#delayed.delete(key);
    this.#ready.add(key);
    this.#next();
  }

  /** There is nothing to do for this key after all. What runs is not stopped. */
  remove(key: Key): void {
    clearTimeout(this.#delayed.get(key));
    this.#delayed.delete(key);
    this.#ready.delete(key);
    this.#tellIfSettled(key);
  }

  /** Resolves when all that was added for this key is done. */
  async settled(key: Key): Promise<void> {
    if (!this.has(key)) return;
    const settled = this.#settled.get(key) ?? Promise.withResolvers<void>();
    this.#settled.set(key, settled);
    await settled.promise;
  }

  /** Lets nothing wait any more; resolves when all is done. */
  async drain(): Promise<void> {
    for (const key of [...this.#resting.keys()]) this.#wake(key);
    for (const key of [...this.#delayed.keys()]) this.add(key);
    this.#goOn();
    await Promise.all([...this.#ready, ...this.#running].map((key) => this.settled(key)));
  }

  /** Starts nothing any more. What was waited for is taken for settled. */
  close(): void {
    this.#isClosed = true;
    for (const timer of [...this.#delayed.values(), ...this.#resting.values(), this.#pause]) clearTimeout(timer);
    this.#delayed.clear();
    this.#ready.clear();
    for (const { resolve } of this.#settled.values()) resolve();
    this.#settled.clear();
  }

  #next(): void {
    if (this.#isClosed || this.#pause) return;
    const most = this.isFailing ? 1 : this.#options.maxParallel;
    for (const key of this.#ready) {
      if (this.#running.size >= most) return;
      if (this.#running.has(key) || this.#resting.has(key)) continue;
      this.#ready.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: Key): Promise<void> {
    const { work, firstRetryMs, longestRetryMs, restMs = 0, onFailure } = this.#options;
    try {
      await work(key);
      this.#failures = 0;
      if (restMs > 0 && !this.#isClosed)
        this.#resting.set(
          key,
          startTimer(restMs, () => this.#wake(key)),
        );
    } catch (error) {
      // Behind all others: one that fails for a reason of its own must not be the one that tries for all.
      if (!this.#isClosed) this.#ready.add(key);
      // Those that ran at the same time failed for the same reason.
      if (!this.#pause && !this.#isClosed) {
        const waitMs = Math.min(firstRetryMs * 2 ** this.#failures++, longestRetryMs);
        this.#pause = startTimer(waitMs, () => this.#goOn());
        onFailure?.(error);
      }
    }
    this.#running.delete(key);
    this.#tellIfSettled(key);
    this.#next();
  }

  #wake(key: Key): void {
    clearTimeout(this.#resting.get(key));
    this.#resting.delete(key);
    this.#next();
  }

  #goOn(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#next();
  }

  #tellIfSettled(key: Key): void {
    if (this.has(key)) return;
    this.#settled.get(key)?.resolve();
    this.#settled.delete(key);
  }
}

/** It keeps no process alive: whoever ends one drains first. */
function startTimer(ms: number, run: () => void): NodeJS.Timeout {
  return setTimeout(run, ms).unref();
}
