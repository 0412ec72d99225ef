// Moves virtual time: to the next timer as soon as, and only when, nothing is under way at the present moment.
import { AsyncResource } from 'node:async_hooks';
import { styleText } from 'node:util';

/** Whatever is waited for longer than this, in real time, is a fault: it ends the run and is named. */
const longestWaitMs = 20_000;
const checksPerWait = 4;
/** Work outside that goes on piece by piece, say many sentences for one voice, is no fault before so many waits without a timer. */
const longestWorkWaits = 6;
/** A turn of the event loop in which nothing comes up, twice: Node's own modules put things off by one. */
const calmTurns = 2;

/** What time depends on. */
export interface Present {
  /** What is under way in the event loop and ends by itself; 0 when all is quiet. */
  readonly underway: () => number;
  /** Lets one job that is done outside the event loop take effect. False when none is. */
  readonly endNextJob: () => boolean;
  /** Who is waited for outside the event loop; they wake us when they end. */
  readonly outside: () => readonly string[];
  /** Whether anything would still happen in this process if time went on. */
  readonly isAlive: () => boolean;
  /** Throws when time ran on for no reason. */
  readonly fireNext: () => boolean;
  readonly setImmediate: typeof setImmediate;
  readonly setInterval: typeof setInterval;
}

/** Returns what looks again: to be called whenever something began or ended. */
export function createMetronome(present: Present): () => void {
  const { underway, endNextJob, outside, isAlive, fireNext } = present;
  let isScheduled = false;
  let calm = 0;
  let steps = 0;
  let endedJobs = 0;

  const wake = () => {
    if (isScheduled) return;
    isScheduled = true;
    present.setImmediate(enter);
  };

  // Whoever wakes us, we are nobody's: least of all a machine's.
  const scope = new AsyncResource('Metronome', { requireManualDestroy: true });
  const enter = () => scope.runInAsyncScope(turn);
  const turn = () => {
    isScheduled = false;
    if (underway() > 0) {
      calm = 0;
      wake();
      return;
    }
    if (++calm < calmTurns) {
      wake();
      return;
    }
    calm = 0;
    if (endNextJob()) {
      endedJobs++;
      wake();
      return;
    }
    const waitedFor = outside();
    if (waitedFor.length > 0) {
      // A worker that was told to keep no process alive still has an answer to give.
      watch.ref();
      // Files that Node itself reads, say for an import, wake nobody.
      if (waitedFor.every((name) => name.startsWith('node:'))) wake();
      return;
    }
    watch.unref();
    if (!isAlive()) return;
    steps++;
    let goesOn = true;
    try {
      goesOn = fireNext();
    } finally {
      // After a timer that threw too: the process decides what that means, and the next one is due all the same.
      if (goesOn) wake();
    }
  };

  let stepsBefore = -1;
  let endedBefore = 0;
  let checksWithoutStep = 0;
  let checksWithoutJob = 0;
  let workedBeforeMs = 0;
  const check = () => {
    const waitedFor = outside();
    const { user, system } = process.cpuUsage();
    const workedMs = (user + system) / 1_000;
    // Immediates take all of a processor: who was given little of it has had no time for them.
    const isSpinning = underway() > 0 && workedMs - workedBeforeMs > longestWaitMs / checksPerWait / 2;
    workedBeforeMs = workedMs;
    const isStuck = steps === stepsBefore && (waitedFor.length > 0 || isSpinning);
    checksWithoutStep = isStuck ? checksWithoutStep + 1 : 0;
    checksWithoutJob = isStuck && endedJobs === endedBefore ? checksWithoutJob + 1 : 0;
    stepsBefore = steps;
    endedBefore = endedJobs;
    const isOver = checksWithoutJob >= checksPerWait || checksWithoutStep >= longestWorkWaits * checksPerWait;
    if (isOver) giveUp(waitedFor, (checksWithoutStep * longestWaitMs) / checksPerWait);
  };
  const watch = present.setInterval(check, longestWaitMs / checksPerWait).unref();
  return wake;
}

function giveUp(names: readonly string[], stoodStillMs: number): never {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => (count > 1 ? `${name} (${count})` : name)).join(', ');
  // Code that waits by immediates, again and again, holds up the very thing that it waits for.
  const reason = list === '' ? 'immediates that never end: let what waits use a timer' : list;
  process.stderr.write(
    `${styleText('red', 'Virtual time stands still')}: ${stoodStillMs / 1000} real seconds spent on ${reason}\n`,
  );
  process.exit(1);
}
