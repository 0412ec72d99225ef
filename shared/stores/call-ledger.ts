// Writes what happened in a call: appends to its stream and keeps its history in step. Used by functions and bridge alike.
import { randomUUID } from 'node:crypto';
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallFact } from '../call/call-event.ts';
import { applyCallEvent, type CallState, foldCallEvents } from '../call/call-state.ts';
import type { CallHistory } from './call-history.ts';
import type { CallStream } from './call-stream.ts';

/** Events after which the history shows something new. The rest reach it with the next of these. */
const kept: ReadonlySet<CallFact['type']> = new Set([
  'call-created',
  'call-connected',
  'turn-finished',
  'note-taken',
  'transfer-started',
  'transfer-answered',
  'transfer-failed',
  'call-ended',
]);

export class CallLedger {
  readonly #stream: CallStream;
  readonly #history: CallHistory;

  constructor(stream: CallStream, history: CallHistory) {
    this.#stream = stream;
    this.#history = history;
  }

  /** `id` makes a repeated fact the same fact. Resolves to false when it was known already. */
  async record(callId: CallId, fact: CallFact, options: { id?: string; at?: number } = {}): Promise<boolean> {
    const event = { ...fact, id: options.id ?? randomUUID(), callId, at: options.at ?? Date.now() } as CallEvent;
    const added = await this.#stream.append(event);
    // A repeat is saved too: the first writer may have died between stream and history.
    if (kept.has(fact.type)) {
      const state = await this.#fold(callId, added ? event : undefined);
      if (state) await this.#history.save(state);
    }
    return added;
  }

  /** The call as the stream has it, else as the history kept it. */
  async find(callId: CallId): Promise<CallState | undefined> {
    return this.#fold(callId);
  }

  /**
   * A stream without the creation lost its beginning: Redis lost its data, or something came long after the end. Then the
   * history is what we go on from, and `added` alone is folded in: which of the stream's other events it knows is unknown.
   */
  async #fold(callId: CallId, added?: CallEvent): Promise<CallState | undefined> {
    const events = await this.#stream.read(callId);
    if (events.some(({ type }) => type === 'call-created')) return foldCallEvents(callId, events);
    const known = await this.#history.find(callId);
    if (known) return added ? applyCallEvent(known, added) : known;
    return events.length > 0 ? foldCallEvents(callId, events) : undefined;
  }
}
