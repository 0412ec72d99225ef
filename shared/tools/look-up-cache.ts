// Look-ups of services that are asked often for the same: kept for all processes, asked once at a time, answered from memory while the source is away.
import { createHash } from 'node:crypto';
import type { Logger } from '../logger.ts';
import type { LookUpStore } from '../stores/look-up-store.ts';
import { within } from '../within.ts';

export interface LookUp<Value> {
  /** Names the source in logs; the rest says what is looked up, and stays private. */
  readonly source: string;
  readonly parts: readonly unknown[];
  /** An answer is good for so long. */
  readonly freshMs: number;
  /** That there is no such thing is good for so long. */
  readonly absentMs: number;
  /** After that it is still told, for so long, where the source is away. */
  readonly staleMs: number;
  /** Resolves to undefined where there is no such thing. */
  load(signal: AbortSignal): Promise<Value | undefined>;
}

interface Kept {
  /** Absent: there is no such thing. */
  readonly value?: unknown;
  readonly freshUntil: number;
}

interface Flight {
  readonly result: Promise<unknown>;
  readonly abort: AbortController;
  waiting: number;
}

/** Those who wait have limits of their own; the last one who leaves ends it. */
const longestLoadMs = 30_000;
/** A dead store's own limit is shorter; whoever keeps is waited for by nobody. */
const longestFindMs = 500;

export class LookUpCache {
  readonly #store: LookUpStore;
  readonly #log: Logger;
  readonly #flights = new Map<string, Flight>();

  constructor(store: LookUpStore, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Rejects with the source's error where nothing is kept either, and with the reason of `signal`. Values are as JSON has them. */
  async get<Value>(lookUp: LookUp<Value>, signal: AbortSignal): Promise<Value | undefined> {
    signal.throwIfAborted();
    const key = keyOf(lookUp);
    let flight = this.#flights.get(key);
    if (!flight) {
      const abort = new AbortController();
      flight = { abort, waiting: 0, result: this.#find(key, lookUp, abort.signal) };
      this.#flights.set(key, flight);
      const land = () => {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
      };
      flight.result.then(land, land);
    }
    flight.waiting += 1;
    try {
      return (await within(longestLoadMs, flight.result, tooLong, signal)) as Value | undefined;
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        // A caller who comes now must not wait for what is being given up.
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.abort.abort();
      }
    }
  }

  async #find<Value>(key: string, lookUp: LookUp<Value>, signal: AbortSignal): Promise<Value | undefined> {
    const { source, freshMs, absentMs, staleMs } = lookUp;
    const kept = await this.#read(key, source);
    if (kept && kept.freshUntil > Date.now()) return kept.value as Value | undefined;
    try {
      const value = await lookUp.load(signal);
      const goodMs = value === undefined ? absentMs : freshMs;
      this.#keep(key, { ...(value !== undefined && { value }), freshUntil: Date.now() + goodMs }, goodMs + staleMs);
      return value;
    } catch (error) {
      if (!kept || signal.aborted) throw error;
      this.#log.warn({ source, error }, 'a source does not answer: what it said before is told');
      return kept.value as Value | undefined;
    }
  }

  async #read(key: string, source: string): Promise<Kept | undefined> {
    try {
      const text = await within(longestFindMs, this.#store.find(key), () => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as Kept);
    } catch (error) {
      this.#log.debug({ source, error }, 'what was looked up before cannot be read: the source is asked');
      return undefined;
    }
  }

  #keep(key: string, kept: Kept, ttlMs: number): void {
    this.#store.keep(key, JSON.stringify(kept), ttlMs).catch((error: unknown) => {
      this.#log.debug({ error }, 'what was looked up cannot be kept');
    });
  }
}

function tooLong(): never {
  throw new Error('the look-up took too long');
}

/** What callers say, addresses too, stands in no key. */
function keyOf({ source, parts }: LookUp<unknown>): string {
  return `${source}:${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;
}
