// The history of calls in an SQLite file: the default, without any service to set up.
import type { CallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import type { CallHistory, CallPage } from './call-history.ts';
import { newestFirst } from './call-order.ts';
import { type CallQuery, facetsOf } from './call-query.ts';
import { cursorOf, formatCursor, parseCursor } from './history-cursor.ts';
import type { CallRow } from './sqlite-calls.ts';
import { SqliteThread } from './sqlite-thread.ts';

export class SqliteCallHistory implements CallHistory {
  readonly #thread: SqliteThread;

  /** Keeps the history in `calls.sqlite` in this folder, or in that of a thread that others use too. Must be closed. */
  constructor(place: string | SqliteThread) {
    this.#thread = typeof place === 'string' ? new SqliteThread(place) : place;
  }

  async save(call: CallState): Promise<boolean> {
    return (await this.#thread.ask({ type: 'save', row: formatRow(call) })) as boolean;
  }

  async saveOver(version: number, call: CallState): Promise<boolean> {
    return (await this.#thread.ask({ type: 'save-over', version, row: formatRow(call) })) as boolean;
  }

  async find(callId: CallId): Promise<CallState | undefined> {
    const found = await this.#thread.ask({ type: 'find', id: callId });
    return found === undefined ? undefined : parseCall(found as string);
  }

  async list({ limit, next, order = newestFirst, ...filter }: CallQuery): Promise<CallPage> {
    const after = next === undefined ? undefined : parseCursor(next, order);
    const found = (await this.#thread.ask({ type: 'list', order, after, filter, limit: limit + 1 })) as string[];
    const calls = found.slice(0, limit).map(parseCall);
    return found.length > limit && calls.length > 0
      ? { calls, next: formatCursor(cursorOf(calls.at(-1)!, order), order) }
      : { calls };
  }

  async listUnended(limit: number): Promise<readonly CallState[]> {
    return ((await this.#thread.ask({ type: 'list-standing', standing: 'live', limit })) as string[]).map(parseCall);
  }

  async listOwing(limit: number): Promise<readonly CallState[]> {
    return ((await this.#thread.ask({ type: 'list-standing', standing: 'owing', limit })) as string[]).map(parseCall);
  }

  async listOldRecordings(limit: number): Promise<readonly CallId[]> {
    return (await this.#thread.ask({ type: 'list-old-recordings', limit })) as CallId[];
  }

  async remove(callId: CallId): Promise<void> {
    await this.#thread.ask({ type: 'remove', id: callId });
  }

  async removeOlder(createdBefore: number): Promise<number> {
    return (await this.#thread.ask({ type: 'remove-older', createdBefore })) as number;
  }

  async ping(): Promise<void> {
    await this.#thread.ask({ type: 'probe' });
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}

function formatRow(call: CallState): CallRow {
  const { createdAt = 0, callId } = call;
  return { id: callId, createdAt, version: call.version, facets: facetsOf(call), call: JSON.stringify(call) };
}

function parseCall(text: string): CallState {
  return JSON.parse(text) as CallState;
}
