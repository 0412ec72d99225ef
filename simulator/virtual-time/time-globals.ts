// Puts a virtual clock in the place of all that tells time or waits: globals and modules, for whoever asks for them.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { promisify } from 'node:util';
import type { VirtualClock, VirtualTimer } from './clock.ts';
import { currentClockOffMs, currentMachine } from './machine.ts';

type Callback = (...args: unknown[]) => void;

export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

/** What was there before; the rest of virtual time itself needs it. */
export const real = {
  setImmediate: globalThis.setImmediate,
  setInterval: globalThis.setInterval,
  nowMs: performance.now.bind(performance),
};

/** `onImmediate`: how many immediates are waiting, told by each change. Returns how many are. */
export function installTime(clock: VirtualClock, epochMs: number): { readonly immediates: () => number } {
  const require = createRequire(import.meta.url);
  const setTimer = (callback: Callback, delayMs: number, ...args: unknown[]) => clock.setTimer(callback, delayMs, args);
  const setRepeated = (callback: Callback, delayMs: number, ...args: unknown[]) =>
    clock.setTimer(callback, delayMs, args, true);
  const clear = (timer: unknown) => clock.clear(timer);

  const waiting = new Set<NodeJS.Immediate>();
  const setSoon = (callback: Callback, ...args: unknown[]) => {
    const machine = currentMachine();
    const immediate = real.setImmediate(() => {
      waiting.delete(immediate);
      if (machine) machine.step(() => callback(...args));
      else callback(...args);
    });
    waiting.add(immediate);
    return immediate;
  };
  const clearSoon = (immediate: NodeJS.Immediate | undefined) => {
    if (immediate === undefined || !waiting.delete(immediate)) return;
    clearRealImmediate(immediate);
  };

  const wait = (start: (done: () => void) => { cancel(): void; ref(): void; unref(): void }) =>
    function waitFor<Value>(value: Value, { signal, ref = true }: WaitOptions = {}): Promise<Value> {
      if (signal?.aborted) return Promise.reject(abortError(signal));
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          started.cancel();
          reject(abortError(signal!));
        };
        const started = start(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve(value);
        });
        if (!ref) started.unref();
        signal?.addEventListener('abort', onAbort, { once: true });
      });
    };
  const asWait = (timer: VirtualTimer) => ({
    cancel: () => clock.stop(timer),
    ref: () => timer.ref(),
    unref: () => timer.unref(),
  });
  const sleep = <Value>(delayMs = 1, value?: Value, options?: WaitOptions) =>
    wait((done) => asWait(clock.setTimer(done, delayMs)))(value, options);
  const soon = <Value>(value?: Value, options?: WaitOptions) =>
    wait((done) => {
      const immediate = setSoon(done);
      return { cancel: () => clearSoon(immediate), ref: () => immediate.ref(), unref: () => immediate.unref() };
    })(value, options);
  async function* every<Value>(delayMs = 1, value?: Value, options?: WaitOptions) {
    for (;;) yield await sleep(delayMs, value, options);
  }
  Object.defineProperty(setTimer, promisify.custom, { value: sleep });
  Object.defineProperty(setSoon, promisify.custom, { value: soon });

  const timers = {
    setTimeout: setTimer,
    setInterval: setRepeated,
    setImmediate: setSoon,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clearSoon,
  };
  Object.assign(globalThis, timers);
  Object.assign(require('node:timers') as object, timers);
  const promises = require('node:timers/promises') as { scheduler: object };
  Object.assign(promises, { setTimeout: sleep, setImmediate: soon, setInterval: every });
  Object.assign(promises.scheduler, {
    wait: (delayMs: number, options?: WaitOptions) => sleep(delayMs, undefined, options),
    yield: () => soon(),
  });

  Object.defineProperty(performance, 'now', { value: () => clock.nowMs, configurable: true, writable: true });
  Object.defineProperty(performance, 'timeOrigin', { value: epochMs, configurable: true });
  const hrtime = (since?: [number, number]): [number, number] => {
    const [seconds, nanoseconds] = [Math.floor(clock.nowMs / 1000), (clock.nowMs % 1000) * 1e6];
    if (!since) return [seconds, nanoseconds];
    const passed = (seconds - since[0]) * 1e9 + nanoseconds - since[1];
    return [Math.floor(passed / 1e9), passed % 1e9];
  };
  process.hrtime = Object.assign(hrtime, { bigint: () => BigInt(clock.nowMs) * 1_000_000n }) as typeof process.hrtime;
  process.uptime = () => clock.nowMs / 1000;
  globalThis.Date = createDate(() => epochMs + clock.nowMs + currentClockOffMs());
  AbortSignal.timeout = (delayMs) => {
    const controller = new AbortController();
    const expire = () => controller.abort(createTimeoutError());
    clock.setTimer(expire, delayMs).unref();
    return controller.signal;
  };
  syncBuiltinESMExports();
  return { immediates: () => waiting.size };
}

const clearRealImmediate = globalThis.clearImmediate;

/** `Date` on our clock. Dates made by Node's own modules are instances of it too. */
function createDate(now: () => number): DateConstructor {
  const RealDate = globalThis.Date;
  function VirtualDate(...args: unknown[]): unknown {
    if (!new.target) return new RealDate(now()).toString();
    const target = new.target === (VirtualDate as unknown) ? RealDate : new.target;
    return Reflect.construct(RealDate, args.length > 0 ? args : [now()], target);
  }
  VirtualDate.prototype = RealDate.prototype;
  Object.assign(VirtualDate, { now, parse: RealDate.parse, UTC: RealDate.UTC });
  return VirtualDate as unknown as DateConstructor;
}

/** Most signals expire when nobody waits for them any more: where that was is not worth being found out. */
function createTimeoutError(): DOMException {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}
