// Waiting for stores as long as a busy machine needs, and no longer than makes sense.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallEvent } from '../../call/call-event.ts';
import type { CallStream } from '../call-stream.ts';

/** For tests of what a store answers, not of how soon: a busy machine may hold this process up. */
export const patientMs = 20_000;

/** Resolves once the store answers: only the server itself says when. */
export async function untilWell(store: Pick<CallStream, 'ping'>): Promise<void> {
  await until('the store is well', () =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
}

/** Asks again and again, but not for ever: a test that is given up would ask on, and keep its process alive. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + patientMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`${what}: not so within ${patientMs} ms`);
    await sleep(20);
  }
}

/** An event is kept once, however often it is appended: on a busy machine a first attempt may take too long. */
export async function appendAtLast(stream: CallStream, event: CallEvent): Promise<void> {
  await until('the event is appended', () =>
    stream.append(event).then(
      () => true,
      () => false,
    ),
  );
}
