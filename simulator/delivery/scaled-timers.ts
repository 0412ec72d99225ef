// The timers of a stand-in: every wait can be shortened by one factor, and all end together.

export interface ScaledTimers {
  /** Runs `task` after so many milliseconds of the cloud's time; the result takes it back. */
  after(ms: number, task: () => void): () => void;
  /** Resolves false when the timers were stopped meanwhile. */
  sleep(ms: number): Promise<boolean>;
  stop(): void;
}

/** With a scale of 0.01 the 30 s that a phone rings are over in 300 ms. */
export function createScaledTimers(timeScale: number): ScaledTimers {
  const pending = new Map<NodeJS.Timeout, (() => void) | undefined>();
  let stopped = false;
  const start = (ms: number, task: () => void, onStopped?: () => void) => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      task();
    }, ms * timeScale);
    pending.set(timer, onStopped);
    return timer;
  };
  return {
    after(ms, task) {
      if (stopped) return () => {};
      const timer = start(ms, task);
      return () => {
        clearTimeout(timer);
        pending.delete(timer);
      };
    },
    sleep(ms) {
      if (stopped) return Promise.resolve(false);
      return new Promise((resolve) => {
        start(
          ms,
          () => resolve(true),
          () => resolve(false),
        );
      });
    },
    stop() {
      stopped = true;
      for (const [timer, onStopped] of pending) {
        clearTimeout(timer);
        onStopped?.();
      }
      pending.clear();
    },
  };
}
