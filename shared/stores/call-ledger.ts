// Writes what happened in a call, and tells how a call stands. Used by functions and bridge alike.
import { randomUUID } from 'node:crypto';
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallFact } from '../call/call-event.ts';
import { applyCallEvent, type CallState, newCallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { within } from '../within.ts';
import { CallFolds } from './call-folds.ts';
import type { CallHistory } from './call-history.ts';
import type { CallStream } from './call-stream.ts';
import { type Delivery, EventOutbox } from './event-outbox.ts';
import { HistoryWriter } from './history-writer.ts';

/** Somebody waits for an answer, wherever the stores are. */
const liveWaitMs = 400;
/** Who calls, and who asked for the end: no carrier tells it, and a process that knows it alone may not live until the stream is back. */
const knownOnce: ReadonlySet<CallEvent['type']> = new Set<CallEvent['type']>(['call-created', 'hang-up-requested']);

export interface RecordOptions {
  /** Makes a repeated fact the same fact. */
  readonly id?: string;
  readonly at?: number;
}

/** The stream is the truth of a live call; the history follows it, and nobody waits for it. */
export class CallLedger {
  readonly #stream: CallStream;
  readonly #history: CallHistory;
  readonly #folds: CallFolds;
  readonly #writer: HistoryWriter;
  readonly #outbox: EventOutbox;
  readonly #log: Logger;
  readonly #onAdded: (event: CallEvent) => void;

  /** `onAdded`: is told of each event that was news to the stream, by the one ledger that brought it. It must not throw. */
  constructor(
    stream: CallStream,
    history: CallHistory,
    log: Logger = silentLogger,
    onAdded: (event: CallEvent) => void = () => {},
  ) {
    this.#log = log;
    this.#onAdded = onAdded;
    this.#stream = stream;
    this.#history = history;
    this.#folds = new CallFolds(stream, history);
    this.#writer = new HistoryWriter({ stream, history, folds: this.#folds, log });
    this.#outbox = new EventOutbox({
      stream,
      log,
      onWritten: (event, delivery) => {
        this.#writer.note(event);
        if (delivery === 'known') return this.#correctEnd(event);
        this.#onAdded(event);
      },
      keepElsewhere: (callId, events) => this.#writer.saveWithoutStream(callId, events),
    });
  }

  /** Resolves once it stands in the stream, to false when it was known already. Throws STORE_UNAVAILABLE. */
  async record(callId: CallId, fact: CallFact, options?: RecordOptions): Promise<boolean> {
    const event = createEvent(callId, fact, options);
    const added = await this.#stream.append(event);
    // A repeat too: whoever told it first may have died since.
    this.#writer.note(event);
    if (added) this.#onAdded(event);
    else void this.#correctEnd(event);
    return added;
  }

  /**
   * For what has happened and must be kept, wherever the stream is: it is written now, or as soon as that can be. Waits a
   * moment to see which. Never rejects.
   */
  async post(callId: CallId, fact: CallFact, options?: RecordOptions): Promise<Delivery | 'later'> {
    return this.#post(createEvent(callId, fact, options));
  }

  /** The same for whoever has the event already and waits for nothing. */
  postEvent(event: CallEvent): void {
    void (knownOnce.has(event.type) ? this.#post(event) : this.#outbox.add(event));
  }

  /** Resolves when all that was posted of this call stands in the stream, or after `withinMs`. */
  async written(callId: CallId, withinMs: number): Promise<void> {
    await within(withinMs, this.#outbox.settled(callId), () => {});
  }

  /** The call as the stream has it, else as the history kept it. Throws STORE_UNAVAILABLE where that is not known. */
  async find(callId: CallId): Promise<CallState | undefined> {
    const found = await this.findLive(callId);
    if (!found) return this.#history.find(callId);
    // The stream forgets a call that is over, and what others did about it since stands in the history alone.
    return found.phase === 'ended' ? this.#newerOf(callId, found) : found;
  }

  /**
   * As `find`, but asks the history only where the stream is away: a call that is long over is not found. What was posted
   * here and is not written yet is known.
   */
  async findLive(callId: CallId): Promise<CallState | undefined> {
    let known: CallState | undefined;
    try {
      known = (await this.#folds.read(callId))?.state;
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'STORE_UNAVAILABLE')) throw error;
      known = await this.#findWithoutStream(callId);
      if (!known && this.#outbox.waiting(callId).length === 0) throw error;
    }
    const waiting = this.#outbox.waiting(callId);
    return waiting.length === 0 ? known : waiting.reduce(applyCallEvent, known ?? newCallState(callId));
  }

  /** Calls of which something was posted here and is not written yet. */
  get unwrittenCallIds(): readonly CallId[] {
    return this.#outbox.callIds;
  }

  /** What the history lacks; for health and for whoever stops this process. */
  get backlog(): { readonly events: number; readonly calls: number } {
    return { events: this.#outbox.size, calls: this.#writer.size };
  }

  /** For how long the oldest event has waited for the stream. */
  get lagMs(): number {
    return this.#outbox.lagMs;
  }

  /** Writes the call to the history now. Throws STORE_UNAVAILABLE. */
  async save(callId: CallId): Promise<void> {
    await this.#writer.save(callId);
  }

  /** Writes what is left, each store for as long as `withinMs`. Nothing may be recorded any more. */
  async close(withinMs: number): Promise<void> {
    await this.#outbox.close(withinMs);
    await this.#writer.close(withinMs);
  }

  async #post(event: CallEvent): Promise<Delivery | 'later'> {
    const delivery = await this.#outbox.addAndSee(event, liveWaitMs);
    if (delivery === 'later' && knownOnce.has(event.type)) void this.#keepApart(event);
    return delivery;
  }

  /** Whoever told the end first may have guessed it. Never rejects. */
  async #correctEnd(event: CallEvent): Promise<void> {
    if (event.type !== 'call-ended' || event.isGuess) return;
    const { callId, reason, code, at } = event;
    const fold = await this.#folds.read(callId).catch(() => undefined);
    // Where that is not known now it is told all the same: of an end that was no guess it changes nothing.
    if (fold && !fold.state.isEndGuessed) return;
    this.postEvent({
      type: 'end-corrected',
      reason,
      ...(code !== undefined && { code }),
      id: 'end-corrected',
      callId,
      at,
    });
  }

  /** It waits for the stream all the same. Never rejects. */
  async #keepApart(event: CallEvent): Promise<void> {
    const { callId } = event;
    await this.#writer.saveWithoutStream(callId, [event]).catch((error: unknown) => {
      this.#log.warn({ callId, error }, 'a call cannot be kept while the stream is away');
    });
  }

  async #findWithoutStream(callId: CallId): Promise<CallState | undefined> {
    return this.#newerOf(callId, this.#folds.peek(callId));
  }

  async #newerOf(callId: CallId, seen: CallState | undefined): Promise<CallState | undefined> {
    const kept = await within(liveWaitMs, this.#history.find(callId), () => undefined).catch(() => undefined);
    return seen && (!kept || seen.version >= kept.version) ? seen : kept;
  }
}

function createEvent(callId: CallId, fact: CallFact, { id = randomUUID(), at = Date.now() }: RecordOptions = {}) {
  return { ...fact, id, callId, at } as CallEvent;
}
