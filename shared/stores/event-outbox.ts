// Events on their way to the stream: in order for each call, tried again while the store is away, and never in anybody's way.
import type { CallId } from '../call/call.ts';
import type { CallEvent } from '../call/call-event.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';
import type { CallStream } from './call-stream.ts';
import { WriteBehind } from './write-behind.ts';

/** An hour of fifty calls; some 10 MB. */
const maxEvents = 50_000;
/** One call must not take all the room: an hour's talk makes a few thousand. */
const maxEventsPerCall = 5_000;
/** Calls that are written at once: as many as one replica holds. */
const maxParallel = 100;
const firstRetryMs = 200;
/** One try of one event for all: what waits is with the others a second after the store is back, whoever is killed then. */
const longestRetryMs = 1_000;
/** A store that is restarted or fails over is back by then. */
const patienceMs = 10 * 60_000;
/** So often an event is refused by a stream that takes others meanwhile: then it is the event, and not the stream. */
const maxRefusals = 20;

export type Delivery =
  | 'added'
  /** The stream had it already. */
  | 'known'
  /** There was no room, or the stream cannot hold it. */
  | 'lost';

interface Entry {
  readonly event: CallEvent;
  readonly since: number;
  readonly delivered: (delivery: Delivery) => void;
  /** How often it was refused though others were taken since it was refused before. */
  refusals: number;
  /** How many others had been taken by then. */
  takenBefore: number;
}

export interface EventOutboxOptions {
  readonly stream: Pick<CallStream, 'append'>;
  readonly log: Logger;
  readonly onWritten: (event: CallEvent, delivery: 'added' | 'known') => void | Promise<void>;
  /** Keeps events that the stream does not take in another place. False: it cannot now either; rejects where it never can. */
  readonly keepElsewhere: (callId: CallId, events: readonly CallEvent[]) => Promise<boolean>;
}

export class EventOutbox {
  readonly #options: EventOutboxOptions;
  readonly #queues = new Map<CallId, Entry[]>();
  readonly #writer: WriteBehind<CallId>;
  #size = 0;
  /** By the stream, all in all. */
  #taken = 0;
  #lost = 0;
  /** So long somebody waited for the stream in vain; until it takes an event in less, nobody else does. */
  #waitedMs: number | undefined;
  /** Told when the stream fails next. */
  readonly #onlookers = new Set<() => void>();
  #isMoving = false;
  #isClosed = false;

  constructor(options: EventOutboxOptions) {
    this.#options = options;
    this.#writer = new WriteBehind({
      work: (callId) => this.#writeNext(callId),
      maxParallel,
      firstRetryMs,
      longestRetryMs,
      onFailure: () => this.#onFailure(),
    });
  }

  /** How many events wait. */
  get size(): number {
    return this.#size;
  }

  /** Resolves when it stands in the stream, however long that takes. */
  async add(event: CallEvent): Promise<Delivery> {
    const queue = this.#queues.get(event.callId) ?? [];
    if (this.#isClosed || queue.length >= maxEventsPerCall || this.#size >= maxEvents) {
      if (++this.#lost === 1) this.#options.log.error('there is no room for more events: they are being lost');
      return 'lost';
    }
    const { promise, resolve } = Promise.withResolvers<Delivery>();
    queue.push({ event, since: Date.now(), delivered: resolve, refusals: 0, takenBefore: 0 });
    this.#size++;
    this.#queues.set(event.callId, queue);
    this.#writer.add(event.callId);
    return promise;
  }

  /** For how long the oldest of them has. */
  get lagMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const [entry] of this.#queues.values()) if (entry) oldest = Math.min(oldest, entry.since);
    return Number.isFinite(oldest) ? Math.max(0, Date.now() - oldest) : 0;
  }

  /** Calls of which events wait, the oldest first. */
  get callIds(): readonly CallId[] {
    return [...this.#queues.keys()];
  }

  /** As `add`, but resolves to 'later' as soon as the stream is known to be away, and after `withinMs`. */
  async addAndSee(event: CallEvent, withinMs: number): Promise<Delivery | 'later'> {
    const delivery = this.add(event);
    if (this.#writer.isFailing || this.#waitedMs !== undefined) return 'later';
    const { promise: failure, resolve } = Promise.withResolvers<'later'>();
    const onFailure = () => resolve('later');
    this.#onlookers.add(onFailure);
    try {
      return await within(withinMs, Promise.race([delivery, failure]), () => {
        this.#waitedMs = withinMs;
        return 'later' as const;
      });
    } finally {
      this.#onlookers.delete(onFailure);
    }
  }

  /** Events of this call that wait, in their order. */
  waiting(callId: CallId): readonly CallEvent[] {
    return (this.#queues.get(callId) ?? []).map(({ event }) => event);
  }

  /** Resolves when all of this call is written. */
  settled(callId: CallId): Promise<void> {
    return this.#writer.settled(callId);
  }

  /** Resolves when all is written, or after `withinMs`: then what is left is kept elsewhere, as far as that can be. */
  async close(withinMs: number): Promise<void> {
    await within(
      withinMs,
      () => this.#writer.drain(),
      () => {},
    );
    this.#isClosed = true;
    this.#writer.close();
    await this.#moveOldOnes(0);
    if (this.#size > 0) this.#options.log.error({ events: this.#size }, 'events were not stored: no store takes them');
  }

  async #writeNext(callId: CallId): Promise<void> {
    const queue = this.#queues.get(callId);
    const entry = queue?.[0];
    if (!queue || !entry) return;
    const delivery = await this.#append(entry);
    // It may have been kept elsewhere meanwhile.
    if (queue[0] === entry) this.#shift(callId, queue);
    entry.delivered(delivery);
    if (queue.length > 0) this.#writer.add(callId);
    if (delivery === 'lost') return;
    this.#lost = 0;
    this.#taken++;
    await this.#options.onWritten(entry.event, delivery);
  }

  /** Rejects to be called again: the stream is away. */
  async #append(entry: Entry): Promise<Delivery> {
    const { event } = entry;
    try {
      const askedAtMs = performance.now();
      const isAdded = await this.#options.stream.append(event, { isBehindTheScenes: true });
      if (this.#waitedMs !== undefined && performance.now() - askedAtMs < this.#waitedMs) this.#waitedMs = undefined;
      return isAdded ? 'added' : 'known';
    } catch (error) {
      const isAway = error instanceof AppError && error.retryable;
      if (isAway && !this.#isRefused(entry)) throw error;
      // To try again would be no better.
      this.#options.log.error({ callId: event.callId, event: event.type, error }, 'an event cannot be stored');
      const isKept = isAway && (await this.#keepElsewhere(event.callId, [event])) === 'kept';
      return isKept ? 'added' : 'lost';
    }
  }

  /** It failed. True: it and not the stream is at fault, and each further try would hold up all others. */
  #isRefused(entry: Entry): boolean {
    if (this.#taken > entry.takenBefore) entry.refusals++;
    entry.takenBefore = this.#taken;
    return entry.refusals > maxRefusals;
  }

  async #keepElsewhere(callId: CallId, events: readonly CallEvent[]): Promise<'kept' | 'not-now' | 'never'> {
    try {
      return (await this.#options.keepElsewhere(callId, events)) ? 'kept' : 'not-now';
    } catch (error) {
      this.#options.log.error({ callId, events: events.length, error }, 'events are lost: no store can hold them');
      return 'never';
    }
  }

  #onFailure(): void {
    for (const onFailure of this.#onlookers) onFailure();
    void this.#moveOldOnes(patienceMs);
  }

  async #moveOldOnes(ageMs: number): Promise<void> {
    if (this.#isMoving) return;
    this.#isMoving = true;
    try {
      for (const [callId, queue] of this.#queues) {
        const [oldest] = queue;
        if (!oldest || Date.now() - oldest.since < ageMs) continue;
        const moved = [...queue];
        const events = moved.map(({ event }) => event);
        const outcome = await this.#keepElsewhere(callId, events);
        if (outcome === 'not-now') return;
        for (const entry of moved) if (queue[0] === entry) this.#shift(callId, queue);
        for (const { delivered } of moved) delivered(outcome === 'kept' ? 'added' : 'lost');
        if (queue.length === 0) this.#writer.remove(callId);
      }
    } finally {
      this.#isMoving = false;
    }
  }

  #shift(callId: CallId, queue: Entry[]): void {
    queue.shift();
    this.#size--;
    if (queue.length === 0) this.#queues.delete(callId);
  }
}
