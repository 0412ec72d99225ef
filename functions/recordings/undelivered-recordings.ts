// Looks once a minute for events of recordings that Event Grid could not deliver, and fetches what they tell of. One process at a time.
import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { AcsRecordingEvents } from './acs-recording-events.ts';
import type { DeadLetters } from './dead-letters.ts';

/** Beside the other timers of the minute. */
export const undeliveredSchedule = '5 * * * * *';
/** Longer than a round and the file that it has begun. */
const leaseMs = 7 * 60_000;
/** No event is begun after this: the next round goes on. */
const roundMs = 45_000;
const lettersPerRound = 500;
/** ACS gives a file out for a day; an event is put aside some hours later at most. */
const worthMs = 26 * 3_600_000;

export interface UndeliveredRecordingsOptions {
  /** Undefined: nobody puts anything aside. */
  readonly letters: DeadLetters | undefined;
  readonly events: Pick<AcsRecordingEvents, 'receiveRaw'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly log: Logger;
}

export class UndeliveredRecordings {
  readonly #options: UndeliveredRecordingsOptions;
  /** Tried in vain by this process: they come after the others. */
  #failed: ReadonlySet<string> = new Set();

  constructor(options: UndeliveredRecordingsOptions) {
    this.#options = options;
  }

  /** Never rejects: the next round finds what this one leaves. */
  async run(): Promise<void> {
    const { letters, leases, log } = this.#options;
    if (!letters) return;
    try {
      const lease = await leases.acquire('undelivered-recordings', randomUUID(), leaseMs);
      if (!lease) return;
      try {
        await this.#round(letters, Date.now() + roundMs);
      } finally {
        await leases.release(lease);
      }
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'STORE_UNAVAILABLE';
      log[isAway ? 'warn' : 'error']({ error }, 'events that nobody took are not looked for now');
    }
  }

  async #round(letters: DeadLetters, until: number): Promise<void> {
    const names = [...(await letters.list(Date.now() - worthMs, lettersPerRound))];
    const failed = new Set(names.filter((name) => this.#failed.has(name)));
    names.sort((a, b) => Number(failed.has(a)) - Number(failed.has(b)));
    for (const name of names) {
      if (Date.now() > until) break;
      if (await this.#take(letters, name)) failed.delete(name);
      else failed.add(name);
    }
    this.#failed = failed;
  }

  /** Whether nothing is left of it. Each event by itself: one that fails costs none of the others. */
  async #take(letters: DeadLetters, name: string): Promise<boolean> {
    const done: boolean[] = [];
    for (const event of await letters.read(name)) done.push(await this.#receive(event));
    if (!done.every(Boolean)) return false;
    await letters.remove(name);
    return true;
  }

  async #receive(event: unknown): Promise<boolean> {
    const { events, log } = this.#options;
    try {
      await events.receiveRaw(event);
      log.warn('the event of a recording was found among those that nobody took');
      return true;
    } catch (error) {
      const code = error instanceof AppError ? error.code : undefined;
      // Neither is any better a minute later.
      const isFinal = code === 'BAD_REQUEST' || code === 'CALL_GONE';
      log[isFinal ? 'error' : 'warn']({ error }, 'an event that nobody took is of no use now');
      return isFinal;
    }
  }
}
