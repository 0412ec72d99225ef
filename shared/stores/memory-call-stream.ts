// Live calls in this process's memory: enough when functions and bridge run in one process.
import type { CallId } from '../call/call.ts';
import type { CallEvent, PartialTranscript } from '../call/call-event.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type CallStream, endedCallRetentionMs, liveCallRetentionMs, type StreamedEvents } from './call-stream.ts';
import { Listeners } from './listeners.ts';

interface KeptCall {
  readonly events: CallEvent[];
  readonly ids: Set<string>;
  lastAt: number;
  hasEnded: boolean;
  /** Since when somebody is on the line and no bridge has had it; null once one has. */
  unservedSince?: number | null;
  /** Since when the history lacks something of it. */
  unsavedSince?: number;
}

export class MemoryCallStream implements CallStream {
  readonly #listeners: Listeners<CallEvent>;
  readonly #watchers: Listeners<PartialTranscript>;
  /** In the order of each call's last event, oldest first. */
  readonly #calls = new Map<CallId, KeptCall>();

  constructor(options: { log?: Logger } = {}) {
    const { log = silentLogger } = options;
    this.#listeners = new Listeners(log);
    this.#watchers = new Listeners(log);
  }

  async append(event: CallEvent): Promise<boolean> {
    this.#forgetOldCalls();
    const call = this.#calls.get(event.callId) ?? { events: [], ids: new Set(), lastAt: 0, hasEnded: false };
    if (call.ids.has(event.id)) return false;
    call.ids.add(event.id);
    call.events.push(event);
    call.lastAt = Date.now();
    call.unsavedSince ??= call.lastAt;
    call.hasEnded ||= event.type === 'call-ended';
    if (event.type === 'media-started') call.unservedSince = null;
    else if (event.type === 'call-connected' && call.unservedSince !== null) call.unservedSince ??= call.lastAt;
    this.#calls.delete(event.callId);
    this.#calls.set(event.callId, call);
    // After the appender's turn, as it is with a store over the network: a listener never runs inside append().
    queueMicrotask(() => this.#listeners.deliver(event));
    return true;
  }

  async read(callId: CallId): Promise<readonly CallEvent[]> {
    return (await this.readOn(callId, undefined)).events;
  }

  async readOn(callId: CallId, cursor: string | undefined): Promise<StreamedEvents> {
    this.#forgetOldCalls();
    const events = this.#calls.get(callId)?.events ?? [];
    const known = Number(cursor ?? 0);
    return {
      events: events.slice(known > events.length ? 0 : known),
      cursor: events.length === 0 ? undefined : String(events.length),
    };
  }

  async recentCallIds(limit: number): Promise<readonly CallId[]> {
    const since = Date.now() - endedCallRetentionMs;
    return [...this.#calls]
      .filter(([, call]) => call.lastAt > since)
      .map(([callId]) => callId)
      .reverse()
      .slice(0, limit);
  }

  async liveCallIds(limit: number): Promise<readonly CallId[]> {
    this.#forgetOldCalls();
    return [...this.#calls]
      .filter(([, call]) => !call.hasEnded)
      .map(([callId]) => callId)
      .slice(0, limit);
  }

  async unservedCallIds(options: { olderThanMs: number; limit: number }): Promise<readonly CallId[]> {
    return this.#waiting((call) => (call.hasEnded ? undefined : call.unservedSince), options);
  }

  async unsavedCallIds(options: { olderThanMs: number; limit: number }): Promise<readonly CallId[]> {
    return this.#waiting((call) => call.unsavedSince, options);
  }

  async markSaved(callId: CallId, cursor: string | undefined): Promise<void> {
    const call = this.#calls.get(callId);
    if (call?.unsavedSince === undefined) return;
    call.unsavedSince = call.events.length === Number(cursor ?? 0) ? undefined : Date.now();
  }

  async forget(callId: CallId): Promise<void> {
    this.#calls.delete(callId);
  }

  subscribe(callId: CallId | 'all', listener: (event: CallEvent) => void): () => void {
    return this.#listeners.add(callId, listener);
  }

  publishPartial(partial: PartialTranscript): void {
    queueMicrotask(() => this.#watchers.deliver(partial));
  }

  subscribePartials(callId: CallId | 'all', listener: (partial: PartialTranscript) => void): () => void {
    return this.#watchers.add(callId, listener);
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#watchers.clear();
  }

  /** Those that have waited the longest for it first. */
  #waiting(
    since: (call: KeptCall) => number | null | undefined,
    { olderThanMs, limit }: { olderThanMs: number; limit: number },
  ): readonly CallId[] {
    const until = Date.now() - olderThanMs;
    return [...this.#calls]
      .flatMap(([callId, call]) => {
        const sinceMs = since(call) ?? Number.POSITIVE_INFINITY;
        return sinceMs <= until ? [{ callId, sinceMs }] : [];
      })
      .sort((a, b) => a.sinceMs - b.sinceMs)
      .slice(0, limit)
      .map(({ callId }) => callId);
  }

  #forgetOldCalls(): void {
    const now = Date.now();
    for (const [callId, call] of this.#calls) {
      const ageMs = now - call.lastAt;
      if (ageMs < endedCallRetentionMs) return;
      const isSettled = call.hasEnded && call.unsavedSince === undefined;
      if (isSettled || ageMs >= liveCallRetentionMs) this.#calls.delete(callId);
    }
  }
}
