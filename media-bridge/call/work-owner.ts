// Whose work is being done: what fails in it, at once or long afterwards, fails its owner and nobody else.
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { Logger } from '../../shared/logger.ts';

export interface WorkOwner {
  /** Something of its work broke. Must not throw; called as often as something breaks. */
  fail(error: unknown): void;
}

/** Weakly: what Node keeps for its next use, a parser of HTTP, say, knows in whose work it was used last. */
const owners = new AsyncLocalStorage<WeakRef<WorkOwner>>();

/** Enters the work of a call from outside: its stores' events, say. Never throws. */
export function workFor(owner: WorkOwner, work: () => void | Promise<void>): void {
  workOf(owner, work)();
}

/**
 * The same for what happens again and again, as a model's and a carrier's events do: fifty times a second for each leg of a call.
 * Nothing is made for it then.
 */
export function workOf<Event = void>(
  owner: WorkOwner,
  work: (event: Event) => void | Promise<void>,
): (event: Event) => void {
  // A copy of all that is known where it is made.
  const entry = owners.run(new WeakRef(owner), () => new AsyncResource('WorkOwner', { requireManualDestroy: true }));
  // What is done at once makes no promise.
  const doWork = (event: Event): void => {
    try {
      work(event)?.catch((error) => owner.fail(error));
    } catch (error) {
      owner.fail(error);
    }
  };
  return (event) => entry.runInAsyncScope(doWork, undefined, event);
}

/** For errors that nobody caught. False if they belong to no work that we know: the process itself is in doubt then. */
export function failOwner(error: unknown): boolean {
  const owner = owners.getStore();
  owner?.deref()?.fail(error);
  return owner !== undefined;
}

/** Closes each part that there is, whatever the others throw. */
export function closeAll(parts: readonly ({ close(): void } | undefined)[], log: Logger): void {
  for (const part of parts) {
    try {
      part?.close();
    } catch (error) {
      log.error({ error }, 'a part of a call did not close in order');
    }
  }
}
