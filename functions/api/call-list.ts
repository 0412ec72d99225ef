// Lists calls in the order that is asked for: those that the history keeps, and those that it does not have yet, each as it is now.
import type { CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallHistory, CallPage } from '../../shared/stores/call-history.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { type CallOrder, newestFirst } from '../../shared/stores/call-order.ts';
import { type CallFilter, type CallQuery, fitsFilter } from '../../shared/stores/call-query.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import { compareCursors, cursorOf, formatCursor, parseCursor } from '../../shared/stores/history-cursor.ts';

/** The history is some seconds behind; only while it is away are there more. */
const maxUnsaved = 100;

export interface CallListOptions {
  readonly ledger: Pick<CallLedger, 'findLive' | 'unwrittenCallIds'>;
  readonly stream: Pick<CallStream, 'unsavedCallIds' | 'recentCallIds'>;
  readonly history: Pick<CallHistory, 'list'>;
}

export interface ListedCalls extends CallPage {
  /** What could not be asked: without the history only calls of the last hour are listed, without the live store calls as they were kept. */
  readonly incomplete?: 'history' | 'live';
}

export class CallList {
  readonly #options: CallListOptions;

  constructor(options: CallListOptions) {
    this.#options = options;
  }

  /** Throws BAD_REQUEST for a `next` that is not ours, and STORE_UNAVAILABLE when neither store answers. */
  async read(query: CallQuery): Promise<ListedCalls> {
    const { limit, next: _, order = newestFirst, ...filter } = query;
    const [kept, unsaved] = await Promise.all([
      unlessAway(this.#options.history.list(query)),
      unlessAway(this.#readUnsaved()),
    ]);
    if (kept instanceof AppError) {
      if (query.next !== undefined || unsaved instanceof AppError) throw kept;
      return { calls: await this.#readRecent(limit, filter, order), incomplete: 'history' };
    }
    if (!(unsaved instanceof AppError)) return this.#join(kept, unsaved, query);
    return { ...this.#join(kept, await this.#readUnwritten(), query), incomplete: 'live' };
  }

  /** A call has its place by what it is sorted by, whichever store it comes from: pages follow each other without a gap. */
  #join(kept: CallPage, unsaved: readonly CallState[], query: CallQuery): CallPage {
    const { limit, next, order = newestFirst, ...filter } = query;
    const place = (call: CallState) => cursorOf(call, order);
    const after = next === undefined ? undefined : parseCursor(next, order);
    const last = kept.next === undefined ? undefined : kept.calls.at(-1);
    const calls = new Map(kept.calls.map((call) => [call.callId, call]));
    for (const call of unsaved) {
      const isOnPage =
        (!after || compareCursors(after, place(call), order) < 0) &&
        (!last || compareCursors(place(call), place(last), order) <= 0);
      // As it is now it may fit no more, or only now, and its place may be on another page.
      if (fitsFilter(call, filter) && isOnPage) calls.set(call.callId, call);
      else calls.delete(call.callId);
    }
    const sorted = [...calls.values()].sort((a, b) => compareCursors(place(a), place(b), order));
    const page = sorted.slice(0, limit);
    const isMore = kept.next !== undefined || sorted.length > page.length;
    return isMore && page.length > 0
      ? { calls: page, next: formatCursor(place(page.at(-1)!), order) }
      : { calls: page };
  }

  async #readUnsaved(): Promise<readonly CallState[]> {
    return this.#findAll(await this.#options.stream.unsavedCallIds({ olderThanMs: 0, limit: maxUnsaved }));
  }

  /** What this process was told while the live store is away. */
  #readUnwritten(): Promise<readonly CallState[]> {
    return this.#findAll(this.#options.ledger.unwrittenCallIds.slice(-maxUnsaved));
  }

  async #readRecent(limit: number, filter: CallFilter, order: CallOrder): Promise<readonly CallState[]> {
    const found = await this.#findAll(await this.#options.stream.recentCallIds(limit));
    return found
      .filter((call) => fitsFilter(call, filter))
      .sort((a, b) => compareCursors(cursorOf(a, order), cursorOf(b, order), order));
  }

  async #findAll(callIds: readonly CallId[]): Promise<readonly CallState[]> {
    const found = await Promise.all(callIds.map((callId) => this.#options.ledger.findLive(callId)));
    return found.filter((state) => state !== undefined);
  }
}

async function unlessAway<Value>(asked: Promise<Value>): Promise<Value | AppError> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof AppError && error.code === 'STORE_UNAVAILABLE') return error;
    throw error;
  }
}
