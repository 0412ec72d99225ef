// Waits for something no longer than it is worth: the one place where a promise races a timer.

/** 24.8 days. A timer of Node holds 31 bits, and one that is set to more goes off at once: clamp what comes from outside. */
export const longestTimerMs = 2 ** 31 - 1;

/** `signal` aborts when nobody waits any more: the time is over, or the caller's own signal aborted. */
export type Work<Value> = PromiseLike<Value> | ((signal: AbortSignal) => PromiseLike<Value> | Value);

/**
 * The value of `work`, or whatever `onTimeout` returns or throws when there is none after `limitMs`. Rejects with the
 * reason of `signal` when that aborts first; a function is not called then if it was aborted before. A throw of `work`
 * is a rejection, and one that comes when nobody waits any more is dropped. Neither timer nor listener is left behind.
 */
export async function within<Value, Instead = never>(
  limitMs: number,
  work: Work<Value>,
  onTimeout: () => Instead,
  signal?: AbortSignal,
): Promise<Awaited<Value> | Instead> {
  const isOver = Promise.withResolvers<typeof timeIsOver>();
  const nobodyWaits = new AbortController();
  const leave = () => {
    nobodyWaits.abort(signal?.reason);
    isOver.reject(signal?.reason);
  };
  signal?.addEventListener('abort', leave, { once: true });
  const timer = setTimeout(
    () => {
      nobodyWaits.abort(new DOMException(`not done in ${limitMs} ms`, 'TimeoutError'));
      isOver.resolve(timeIsOver);
    },
    Math.min(limitMs, longestTimerMs),
  );
  try {
    if (signal?.aborted) leave();
    // A race listens to all that run in it, and so to the loser's rejection.
    const first = await Promise.race([start(work, nobodyWaits.signal), isOver.promise]);
    return first === timeIsOver ? onTimeout() : first;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}

/** Lets so much time pass; rejects with the reason of `signal` when that aborts first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return within(ms, new Promise<never>(() => {}), () => {}, signal);
}

const timeIsOver = Symbol('time is over');

async function start<Value>(work: Work<Value>, signal: AbortSignal): Promise<Value> {
  if (typeof work !== 'function') return work;
  signal.throwIfAborted();
  return work(signal);
}
