// Whose work is being done: what fails in it, at once or long afterwards, fails its owner and nobody else.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '../../shared/logger.ts';

export interface WorkOwner {
  /** Something of its work broke. Must not throw; called as often as something breaks. */
  fail(error: unknown): void;
}

type Enter = ReturnType<typeof AsyncLocalStorage.snapshot>;

/** Weakly: what Node keeps for its next use, a parser of HTTP, say, knows in whose work it was used last. */
const owners = new AsyncLocalStorage<WeakRef<WorkOwner>>();
/** The way into each owner's work, from wherever it was entered first: `run` makes a copy of all that is known, each time. */
const entries = new WeakMap<WorkOwner, Enter>();

/**
 * Enters the work of a call from outside: its sockets' events, its models', its stores'. Never throws. Fifty times a second for
 * each leg of a call: nothing is made for it.
 */
export function workFor(owner: WorkOwner, work: () => void | Promise<void>): void {
  let enter = entries.get(owner);
  if (!enter) {
    enter = owners.run(new WeakRef(owner), () => AsyncLocalStorage.snapshot());
    entries.set(owner, enter);
  }
  enter(doWork, owner, work);
}

/** What is done at once makes no promise. */
function doWork(owner: WorkOwner, work: () => void | Promise<void>): void {
  try {
    work()?.catch((error) => owner.fail(error));
  } catch (error) {
    owner.fail(error);
  }
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
