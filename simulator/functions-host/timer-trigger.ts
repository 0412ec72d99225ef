// Runs the timer functions of an app when they are due, as the timer extension of the Functions host does.
import type { Logger } from '../../shared/logger.ts';
import type { FunctionApp, LoadedFunction } from './function-app.ts';
import { parseNcrontab, type Schedule } from './ncrontab.ts';

/** A timer of Node holds 31 bits; what is due later is looked at again then. */
const longestTimerMs = 2 ** 31 - 1;

export interface TimerFunction {
  readonly fn: LoadedFunction;
  readonly schedule: Schedule;
}

/** Throws for a schedule that is none. */
export function readTimers(functions: readonly LoadedFunction[]): readonly TimerFunction[] {
  return functions
    .filter(({ trigger }) => trigger.type.toLowerCase() === 'timertrigger')
    .map((fn) => {
      const schedule = parseNcrontab(fn.trigger.schedule ?? '');
      if (!schedule) throw new Error(`${fn.name}: "${fn.trigger.schedule}" is no schedule of NCRONTAB`);
      return { fn, schedule };
    });
}

/**
 * A function runs when its schedule says, counted from the end of its run before: never twice at a time. With `runOnStartup`
 * it runs at once as well. What one run throws does not keep the next one away. The real host does this on one of its
 * instances, which holds a blob lease; here each host does it, so that the app's own lock is put to the test. Nothing is kept
 * over a restart (`useMonitor`), as the real host keeps nothing of schedules below a minute.
 */
export function startTimers(
  app: FunctionApp,
  timers: readonly TimerFunction[],
  log: Logger,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const runs = timers.map((timer) => keepRunning(app, timer, stopping.signal, log));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(runs);
    },
  };
}

async function keepRunning(app: FunctionApp, { fn, schedule }: TimerFunction, signal: AbortSignal, log: Logger) {
  const { name, triggerName, trigger } = fn;
  const run = async () => {
    const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };
    const inputData = [{ name: triggerName, data: { json: JSON.stringify(timer) } }];
    await app.invoke(name, { inputData, triggerMetadata: {} }).catch((error: unknown) => {
      log.error({ function: name, error }, 'a timer function threw');
    });
  };
  if (trigger.runOnStartup) await run();
  for (;;) {
    const dueAt = schedule.next(Date.now());
    if (dueAt === undefined || !(await sleepUntil(dueAt, signal))) return;
    await run();
  }
}

/** False when it was given up. */
async function sleepUntil(dueAt: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted && Date.now() < dueAt) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(dueAt - Date.now(), longestTimerMs));
    const leave = () => resolve();
    signal.addEventListener('abort', leave, { once: true });
    await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }
  return !signal.aborted;
}
