// The history of calls in memory, gone with the process: for tests and throwaway runs.
import type { CallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { type CallHistory, type CallPage, isNewer } from './call-history.ts';
import { newestFirst } from './call-order.ts';
import { type CallQuery, facetsOf, fitsFilter } from './call-query.ts';
import { compareCursors, cursorOf, formatCursor, parseCursor } from './history-cursor.ts';

export class MemoryCallHistory implements CallHistory {
  readonly #calls = new Map<CallId, CallState>();

  async save(call: CallState): Promise<boolean> {
    const kept = this.#calls.get(call.callId);
    if (!isNewer(call, kept)) return false;
    this.#calls.set(call.callId, call);
    return true;
  }

  async saveOver(version: number, call: CallState): Promise<boolean> {
    if ((this.#calls.get(call.callId)?.version ?? 0) !== version) return false;
    this.#calls.set(call.callId, call);
    return true;
  }

  async find(callId: CallId): Promise<CallState | undefined> {
    return this.#calls.get(callId);
  }

  async list({ limit, next, order = newestFirst, ...filter }: CallQuery): Promise<CallPage> {
    const after = next === undefined ? undefined : parseCursor(next, order);
    const isAfter = (call: CallState) => !after || compareCursors(after, cursorOf(call, order), order) < 0;
    const rest = [...this.#calls.values()]
      .filter((call) => fitsFilter(call, filter) && isAfter(call))
      .sort((a, b) => compareCursors(cursorOf(a, order), cursorOf(b, order), order));
    const calls = rest.slice(0, limit);
    return rest.length > calls.length && calls.length > 0
      ? { calls, next: formatCursor(cursorOf(calls.at(-1)!, order), order) }
      : { calls };
  }

  async listUnended(limit: number): Promise<readonly CallState[]> {
    const { calls } = await this.list({ limit: this.#calls.size });
    return calls.filter(({ phase }) => phase !== 'ended').slice(0, limit);
  }

  async listOwing(limit: number): Promise<readonly CallState[]> {
    const { calls } = await this.list({ limit: this.#calls.size });
    return calls.filter((call) => facetsOf(call).standing === 'owing').slice(0, limit);
  }

  async listOldRecordings(limit: number): Promise<readonly CallId[]> {
    const now = Date.now();
    const old = [...this.#calls.values()].filter((call) => (facetsOf(call).recordingUntil ?? now) < now);
    return old.map(({ callId }) => callId).slice(0, limit);
  }

  async remove(callId: CallId): Promise<void> {
    this.#calls.delete(callId);
  }

  async removeOlder(createdBefore: number): Promise<number> {
    const { calls } = await this.list({ limit: this.#calls.size, to: createdBefore });
    for (const { callId } of calls) this.#calls.delete(callId);
    return calls.length;
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}
