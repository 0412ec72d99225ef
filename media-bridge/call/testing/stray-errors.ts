// What nobody caught during a test, dealt with as the bridge's process does it.
import type { TestContext } from 'node:test';
import { failOwner } from '../work-owner.ts';

const kinds = ['uncaughtException', 'unhandledRejection'] as const;

/** Errors that belong to nobody's work, and by which the process would end: a test wants none. */
export function watchStrayErrors(t: TestContext): readonly unknown[] {
  const strays: unknown[] = [];
  const listener = (error: unknown) => {
    if (!failOwner(error)) strays.push(error);
  };
  for (const kind of kinds) {
    // The test runner's own would take each for a failure of the test.
    const before = process.listeners(kind as 'uncaughtException');
    process.removeAllListeners(kind);
    process.on(kind, listener);
    t.after(() => {
      process.off(kind, listener);
      for (const other of before) process.on(kind, other);
    });
  }
  return strays;
}
