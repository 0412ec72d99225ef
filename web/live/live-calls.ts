// All live calls as they are now: a list of the API to begin with, kept up by the feed, and by the list again after each gap.
import { useSyncExternalStore } from 'react';
import type { CallSummary, ListedCallSummaries } from '../../shared/api.ts';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { ask } from '../api-client.ts';
import { type FeedState, LiveSocket } from './live-socket.ts';

export interface LiveCall extends CallSummary {
  readonly lastWords?: { readonly role: 'caller' | 'agent'; readonly text: string };
  /** When it ended, by this page's clock: it stays on the screen for a moment. */
  readonly leftAt?: number;
}

export interface LiveCalls {
  readonly feed: FeedState;
  readonly problem?: string;
  /** The list has been read since the feed began. */
  readonly isComplete: boolean;
  readonly calls: readonly LiveCall[];
}

const stayMs = 6_000;
/** What the feed does not tell, a lost event of the store say, is seen here. */
const relistMs = 30_000;

class LiveCallsStore {
  #state: LiveCalls = { feed: 'connecting', isComplete: false, calls: [] };
  readonly #listeners = new Set<() => void>();
  #socket: LiveSocket | undefined;
  #relist: ReturnType<typeof setInterval> | undefined;

  readonly get = (): LiveCalls => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  #start(): void {
    this.#socket = new LiveSocket(undefined, {
      onBegin: () => void this.#list(),
      onMessage: (message) => this.#take(message),
      onState: (feed, problem) => this.#set({ feed, problem }),
    });
    this.#relist = setInterval(() => void this.#list(), relistMs);
  }

  #stop(): void {
    this.#socket?.close();
    clearInterval(this.#relist);
    this.#state = { feed: 'connecting', isComplete: false, calls: [] };
  }

  async #list(): Promise<void> {
    try {
      const { calls } = await ask<ListedCallSummaries>('/api/calls?limit=100');
      const known = new Map(this.#state.calls.map((call) => [call.call_id, call]));
      const live = calls.filter(({ status }) => status !== 'ended');
      const listed = live.map((call) => ({ ...known.get(call.call_id), ...call, leftAt: undefined }));
      const ids = new Set(listed.map(({ call_id }) => call_id));
      // One that began since the list was made is not on it; one that ended is on it as such.
      const ended = new Set(calls.filter(({ status }) => status === 'ended').map(({ call_id }) => call_id));
      const rest = this.#state.calls.filter(
        ({ call_id, leftAt }) => !ids.has(call_id) && (leftAt || !ended.has(call_id)),
      );
      this.#set({ isComplete: true, calls: sort([...listed, ...rest]) });
    } catch {
      // The feed's own state says what is wrong; the next round asks again.
    }
  }

  #take(message: LiveMessage): void {
    const { call_id: callId } = message;
    const before = this.#state.calls.find((call) => call.call_id === callId) ?? { call_id: callId, status: 'ringing' };
    const after = applyLiveMessage(before, message);
    if (after === before) return;
    this.#set({ calls: sort([...this.#state.calls.filter((call) => call.call_id !== callId), after]) });
    if (after.leftAt && !before.leftAt) setTimeout(() => this.#forget(callId), stayMs);
  }

  #forget(callId: string): void {
    this.#set({ calls: this.#state.calls.filter((call) => call.call_id !== callId || !call.leftAt) });
  }

  #set(change: Partial<LiveCalls>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Gives back the same call where the message changes nothing that is shown. */
export function applyLiveMessage(call: LiveCall, message: LiveMessage): LiveCall {
  if (message.type === 'transcript') return { ...call, lastWords: { role: message.role, text: message.text } };
  const at = new Date(message.at).toISOString();
  if (message.type === 'status') {
    const { status } = message;
    // Why it ended may be told once more.
    if (status === 'ended')
      return { ...call, status, ended_at: at, end_reason: message.reason as never, leftAt: call.leftAt ?? Date.now() };
    if (call.status === 'ended') return call;
    return { ...call, status, connected_at: status === 'active' ? (call.connected_at ?? at) : call.connected_at };
  }
  const { details } = message;
  switch (message.event) {
    case 'call-created': {
      const { carrier, direction, remoteParty, ourNumber, agent, model } = details as Record<string, string>;
      const told = {
        carrier,
        direction,
        phone_number: remoteParty,
        line: ourNumber,
        agent,
        model,
      } as Partial<LiveCall>;
      return { ...call, ...told, created_at: at };
    }
    case 'model-opened':
      return { ...call, model: details.model as LiveCall['model'] };
    case 'media-started':
      return call.status === 'ended' ? call : { ...call, status: 'active', connected_at: call.connected_at ?? at };
    default:
      return call;
  }
}

function sort(calls: readonly LiveCall[]): readonly LiveCall[] {
  return [...calls].sort((a, b) => (b.created_at ?? '').localeCompare(a.created_at ?? ''));
}

const store = new LiveCallsStore();

export function useLiveCalls(): LiveCalls {
  return useSyncExternalStore(store.subscribe, store.get);
}
