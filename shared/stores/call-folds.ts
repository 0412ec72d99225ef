// The states of calls as their streams tell them: each is folded on from where it was, however often it is asked for.
import type { CallId } from '../call/call.ts';
import { type CallState, newCallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { foldStreamed } from './apart-events.ts';
import type { CallHistory } from './call-history.ts';
import { type CallStream, endedCallRetentionMs } from './call-stream.ts';

/** Live calls of a busy process, and those that were asked for lately. */
const maxFolds = 1_000;

export interface Fold {
  readonly state: CallState;
  /** How far in the stream. */
  readonly cursor: string | undefined;
  /** The stream lost the beginning of the call, and the history cannot be asked for it now. */
  readonly lacksBeginning?: boolean;
}

interface Entry {
  fold: Fold | undefined;
  askedAtMs: number;
  /** Each look waits for the one before, or two would fold the same events. */
  last: Promise<unknown>;
}

export class CallFolds {
  readonly #stream: CallStream;
  readonly #history: CallHistory;
  /** In the order in which they were last asked for. */
  readonly #entries = new Map<CallId, Entry>();

  constructor(stream: CallStream, history: CallHistory) {
    this.#stream = stream;
    this.#history = history;
  }

  /** With all that stood in the stream when it was asked for. Undefined where the stream knows nothing of the call. */
  async read(callId: CallId): Promise<Fold | undefined> {
    const entry = this.#entries.get(callId) ?? { fold: undefined, askedAtMs: 0, last: Promise.resolve() };
    entry.askedAtMs = performance.now();
    this.#entries.delete(callId);
    this.#entries.set(callId, entry);
    this.#forgetOld(entry.askedAtMs);
    const look = entry.last.then(() => this.#foldOn(callId, entry.fold));
    entry.last = look.then(
      (fold) => {
        if (!fold?.lacksBeginning) entry.fold = fold;
      },
      () => {},
    );
    return look;
  }

  /** What was read last, without a look into the stream. */
  peek(callId: CallId): CallState | undefined {
    return this.#entries.get(callId)?.fold?.state;
  }

  /** The history has more than the stream: what comes next is folded onto this. */
  replace(callId: CallId, fold: Fold): void {
    const entry = this.#entries.get(callId);
    if (entry) entry.last = entry.last.then(() => (entry.fold = fold));
  }

  /** By then the stream has forgotten a call that is over, and one that goes on is folded anew. */
  #forgetOld(nowMs: number): void {
    for (const [callId, { askedAtMs }] of this.#entries) {
      if (this.#entries.size <= maxFolds && nowMs - askedAtMs < endedCallRetentionMs) return;
      this.#entries.delete(callId);
    }
  }

  async #foldOn(callId: CallId, before: Fold | undefined): Promise<Fold | undefined> {
    const { events, cursor } = await this.#stream.readOn(callId, before?.cursor);
    // The stream has forgotten a call that is over: whatever became of it since, the history knows.
    if (cursor === undefined && before?.state.phase === 'ended') return undefined;
    if (events.length === 0) return before;
    if (before) return { state: foldStreamed(before.state, events), cursor };
    const state = foldStreamed(newCallState(callId), events);
    if (events.some(({ type }) => type === 'call-created')) return { state, cursor };
    // Redis lost its data, or something came long after the end: the history is what we go on from.
    try {
      const kept = await this.#history.find(callId);
      return kept ? await this.#foldOn(callId, { state: kept, cursor: kept.streamCursor }) : { state, cursor };
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'STORE_UNAVAILABLE')) throw error;
      return { state, cursor, lacksBeginning: true };
    }
  }
}
