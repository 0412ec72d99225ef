// Keeps the history in step with the streams of calls: behind the scenes, tried again while the history is away.
import type { CallId } from '../call/call.ts';
import type { CallEvent } from '../call/call-event.ts';
import { type CallState, newCallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';
import { foldApart, foldStreamed } from './apart-events.ts';
import type { CallFolds } from './call-folds.ts';
import type { CallHistory } from './call-history.ts';
import type { CallStream } from './call-stream.ts';
import { WriteBehind } from './write-behind.ts';

/** What does not change the picture of a call reaches the history with the next thing that does, or after this time. */
const lateMs = 5_000;
/** A call that much happens in is written once in this time. */
const restMs = 1_000;
const maxParallel = 4;
const firstRetryMs = 500;
const longestRetryMs = 30_000;
/** Only ids are kept. Those that find no room are found by a sweep: the stream knows what is unsaved. */
const maxCalls = 10_000;
/** Two processes that keep changing one call: a third try is already rare. */
const mergeAttempts = 5;

const lateTypes: ReadonlySet<CallEvent['type']> = new Set([
  'call-ringing',
  'media-started',
  'media-stopped',
  'model-opened',
  'model-lost',
  'reply-timed',
  'agent-interrupted',
  'backchannel',
  'dtmf-received',
  'tool-called',
  'tool-asked',
  'tool-answered',
]);

export interface HistoryWriterOptions {
  readonly stream: CallStream;
  readonly history: CallHistory;
  readonly folds: CallFolds;
  readonly log: Logger;
}

export class HistoryWriter {
  readonly #options: HistoryWriterOptions;
  readonly #writer: WriteBehind<CallId>;

  constructor(options: HistoryWriterOptions) {
    this.#options = options;
    this.#writer = new WriteBehind({
      work: (callId) => this.#saveOrLeave(callId),
      maxParallel,
      firstRetryMs,
      longestRetryMs,
      restMs,
    });
  }

  /** How many calls the history lacks something of. */
  get size(): number {
    return this.#writer.size;
  }

  /** This stands in the stream. */
  note({ callId, type }: CallEvent): void {
    if (this.#writer.size >= maxCalls && !this.#writer.has(callId)) return;
    this.#writer.add(callId, lateTypes.has(type) ? lateMs : 0);
  }

  /** Now, and rejects when it cannot. */
  async save(callId: CallId): Promise<void> {
    const { stream, history, folds } = this.#options;
    const fold = await folds.read(callId);
    if (fold && !(await history.save({ ...fold.state, streamCursor: fold.cursor }))) await this.#merge(callId);
    await stream.markSaved(callId, fold?.cursor);
  }

  /** For events that the stream does not take. False: the history does not take them now either. */
  async saveWithoutStream(callId: CallId, events: readonly CallEvent[]): Promise<boolean> {
    try {
      await this.#change(callId, (kept) => foldApart(kept ?? newCallState(callId), events));
      return true;
    } catch (error) {
      if (!(error instanceof AppError && error.retryable)) throw error;
      this.#options.log.debug({ callId, problem: error.message }, 'the history does not take what the stream did not');
      return false;
    }
  }

  /** Resolves when all is saved, or after `withinMs`: what is left is found by a sweep. */
  async close(withinMs: number): Promise<void> {
    await within(
      withinMs,
      () => this.#writer.drain(),
      () => {},
    );
    const left = this.#writer.size;
    this.#writer.close();
    if (left > 0)
      this.#options.log.warn({ calls: left }, 'the history of calls is left to be written by another process');
  }

  /** Rejects to be called again. */
  async #saveOrLeave(callId: CallId): Promise<void> {
    try {
      await this.save(callId);
    } catch (error) {
      if (error instanceof AppError && error.retryable) throw error;
      // To try again would be no better.
      this.#options.log.error({ callId, error }, 'a call cannot be kept in the history');
    }
  }

  /**
   * The history has a state that is not older: another process was faster, or events were saved without the stream. It is
   * what we go on from, with what the stream has after it.
   */
  async #merge(callId: CallId): Promise<void> {
    const { stream, folds } = this.#options;
    const state = await this.#change(callId, async (kept) => {
      if (!kept) return undefined;
      const { events, cursor } = await stream.readOn(callId, kept.streamCursor);
      return events.length === 0 ? undefined : { ...foldStreamed(kept, events), streamCursor: cursor };
    });
    if (state) folds.replace(callId, { state, cursor: state.streamCursor });
  }

  /** Resolves to what the history keeps then. `change` resolves to nothing where nothing is to be changed. */
  async #change(
    callId: CallId,
    change: (kept: CallState | undefined) => CallState | undefined | Promise<CallState | undefined>,
  ): Promise<CallState | undefined> {
    const { history } = this.#options;
    for (let attempt = 0; attempt < mergeAttempts; attempt++) {
      const kept = await history.find(callId);
      const changed = await change(kept);
      if (!changed) return kept;
      if (await history.saveOver(kept?.version ?? 0, changed)) return changed;
    }
    throw new AppError('STORE_UNAVAILABLE', 'others keep changing the same call in the history');
  }
}
