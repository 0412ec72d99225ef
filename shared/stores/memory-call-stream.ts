// Live calls in this process's memory: enough when functions and bridge run in one process.
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallGlimpse, LiveEvent } from '../call/call-event.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { type CallStream, endedCallRetentionMs, liveCallRetentionMs } from './call-stream.ts';
import { EventListeners } from './event-listeners.ts';

interface KeptCall {
  readonly events: CallEvent[];
  readonly ids: Set<string>;
  lastAt: number;
  ended: boolean;
}

export class MemoryCallStream implements CallStream {
  readonly #now: () => number;
  readonly #listeners: EventListeners;
  /** In the order of each call's last event, oldest first. */
  readonly #calls = new Map<CallId, KeptCall>();

  constructor(options: { now?: () => number; log?: Logger } = {}) {
    this.#now = options.now ?? Date.now;
    this.#listeners = new EventListeners(options.log ?? silentLogger);
  }

  async append(event: CallEvent): Promise<boolean> {
    this.#forgetOldCalls();
    const call = this.#calls.get(event.callId) ?? { events: [], ids: new Set(), lastAt: 0, ended: false };
    if (call.ids.has(event.id)) return false;
    call.ids.add(event.id);
    call.events.push(event);
    call.lastAt = this.#now();
    call.ended ||= event.type === 'call-ended';
    this.#calls.delete(event.callId);
    this.#calls.set(event.callId, call);
    this.#deliverSoon(event);
    return true;
  }

  announce(glimpse: CallGlimpse): void {
    this.#deliverSoon(glimpse);
  }

  async read(callId: CallId): Promise<readonly CallEvent[]> {
    this.#forgetOldCalls();
    return [...(this.#calls.get(callId)?.events ?? [])];
  }

  async recentCallIds(limit: number): Promise<readonly CallId[]> {
    const since = this.#now() - endedCallRetentionMs;
    return [...this.#calls]
      .filter(([, call]) => call.lastAt > since)
      .map(([callId]) => callId)
      .reverse()
      .slice(0, limit);
  }

  subscribe(callId: CallId | 'all', listener: (event: LiveEvent) => void): () => void {
    return this.#listeners.add(callId, listener);
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  /** After the appender's turn, as it is with a store over the network: a listener never runs inside append(). */
  #deliverSoon(event: LiveEvent): void {
    queueMicrotask(() => this.#listeners.deliver(event));
  }

  #forgetOldCalls(): void {
    const now = this.#now();
    for (const [callId, call] of this.#calls) {
      if (now - call.lastAt < endedCallRetentionMs) return;
      if (call.ended || now - call.lastAt >= liveCallRetentionMs) this.#calls.delete(callId);
    }
  }
}
