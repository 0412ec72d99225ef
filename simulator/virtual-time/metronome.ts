// Moves virtual time: to the next timer as soon as, and only when, nothing is under way at the present moment.
import { styleText } from 'node:util';

/** Whatever is waited for longer than this, in real time, is a fault: it ends the run and is named. */
const longestWaitMs = 20_000;
/** A turn of the event loop in which nothing comes up, twice: Node's own modules put things off by one. */
const calmTurns = 2;

export interface Metronome {
  /** Something began or ended: look again. */
  wake(): void;
}

/** What time depends on. */
export interface Present {
  /** What is under way and will wake us at each step; 0 when all is quiet. */
  readonly underway: () => number;
  /** Who is waited for outside the event loop; they wake us when they end. */
  readonly outside: () => readonly string[];
  /** Whether anything would still happen in this process if time went on. */
  readonly isAlive: () => boolean;
  /** False when no timer is left. */
  readonly fireNext: () => boolean;
  readonly real: {
    readonly setImmediate: typeof setImmediate;
    readonly setTimeout: typeof setTimeout;
    readonly clearTimeout: typeof clearTimeout;
  };
}

export function createMetronome({ underway, outside, isAlive, fireNext, real }: Present): Metronome {
  let isScheduled = false;
  let calm = 0;
  let watchdog: NodeJS.Timeout | undefined;

  const wake = () => {
    if (isScheduled) return;
    isScheduled = true;
    real.setImmediate(turn);
  };

  const turn = () => {
    isScheduled = false;
    if (underway() > 0) {
      calm = 0;
      wake();
      return;
    }
    const waitedFor = outside();
    if (waitedFor.length > 0) {
      calm = 0;
      watchdog ??= real.setTimeout(() => giveUp(outside()), longestWaitMs);
      // Files that Node itself reads, say for an import, wake nobody.
      if (waitedFor.every((name) => name.startsWith('node:'))) wake();
      return;
    }
    if (watchdog) {
      real.clearTimeout(watchdog);
      watchdog = undefined;
    }
    if (++calm < calmTurns) {
      wake();
      return;
    }
    calm = 0;
    if (!isAlive()) return;
    try {
      if (fireNext()) wake();
    } catch (error) {
      // As after any timer that threw: the process decides, and the next one is due all the same.
      wake();
      throw error;
    }
  };
  return { wake };
}

function giveUp(names: readonly string[]): never {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const list = [...counts].map(([name, count]) => (count > 1 ? `${name} (${count})` : name)).join(', ');
  process.stderr.write(
    `${styleText('red', 'Virtual time stands still')}: waited ${longestWaitMs / 1000} real seconds for ${list}\n`,
  );
  process.exit(1);
}
