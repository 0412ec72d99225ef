// The calls that this replica holds: how many there may be, which one a media socket belongs to, and the orderly end of all.
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { within } from '../../shared/within.ts';
import type { MediaTransport } from '../transports/media-transport.ts';
import type { CallSession } from './call-session.ts';
import { workFor } from './work-owner.ts';

export interface CallRegistryOptions {
  readonly maxCalls: number;
  readonly log: Logger;
}

export class CallRegistry {
  readonly #options: CallRegistryOptions;
  readonly #sessions = new Map<CallId, CallSession>();
  /** Calls whose socket is being accepted: they count, and a second socket of the same call is refused meanwhile. */
  readonly #arriving = new Map<CallId, Promise<void>>();
  #draining = false;

  constructor(options: CallRegistryOptions) {
    this.#options = options;
  }

  get size(): number {
    return new Set([...this.#sessions.keys(), ...this.#arriving.keys()]).size;
  }

  /** Those that are not over. */
  get sessions(): readonly CallSession[] {
    return [...this.#sessions.values()].filter((session) => !session.isOver);
  }

  /** Those whose media socket is lost, and whose carrier does not answer here. */
  get stranded(): readonly CallId[] {
    const live = [...this.#sessions].filter(([, session]) => !session.isOver);
    return live.filter(([, { pursuit }]) => pursuit.isStranded).map(([callId]) => callId);
  }

  get isFull(): boolean {
    return this.size >= this.#options.maxCalls;
  }

  /** How many more calls may come. */
  get freePlaces(): number {
    return this.#draining ? 0 : Math.max(0, this.#options.maxCalls - this.size);
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** The call goes on here; it may wait for a socket. */
  holds(callId: CallId): boolean {
    return this.#findLive(callId) !== undefined;
  }

  /**
   * Keeps a place for a call's media socket; give it back with the function it returns, whatever happens.
   * Throws CALL_IN_USE, BRIDGE_DRAINING or BRIDGE_FULL. A call that is held here already always has its place.
   */
  reserve(callId: CallId): () => void {
    const session = this.#findLive(callId);
    if ((session && !session.takesSocket) || this.#arriving.has(callId)) {
      throw new AppError('CALL_IN_USE', 'the media socket of this call is open already');
    }
    if (!session && this.#draining) throw new AppError('BRIDGE_DRAINING');
    if (!session && this.isFull) throw new AppError('BRIDGE_FULL');
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#arriving.set(callId, promise);
    return () => {
      this.#arriving.delete(callId);
      resolve();
    };
  }

  /** Goes on with the session that waits for this socket, or starts one. */
  connect(callId: CallId, transport: MediaTransport, createSession: () => CallSession): void {
    const waiting = this.#findLive(callId);
    if (waiting) {
      workFor(waiting, () => waiting.replaceTransport(transport));
      return;
    }
    const session = createSession();
    this.#sessions.set(callId, session);
    void session.ended.then(() => {
      if (this.#sessions.get(callId) === session) this.#sessions.delete(callId);
    });
    workFor(session, () => session.start());
  }

  /** Takes no new calls and resolves when the last one here is over; after `limitMs` the rest are let go. */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    await within(limitMs, this.#emptied(), () => {});
    const left = [...this.#sessions.values()];
    if (left.length > 0) this.#options.log.warn({ calls: left.length }, 'the time to drain is over: calls are cut off');
    for (const session of left) session.close();
    await Promise.all(left.map((session) => session.ended));
  }

  /** One that is over, and only waits for the store, cannot take a socket any more: the call begins anew. */
  #findLive(callId: CallId): CallSession | undefined {
    const session = this.#sessions.get(callId);
    return session?.isOver ? undefined : session;
  }

  /** Calls that were arriving are lived to their end too. */
  async #emptied(): Promise<void> {
    while (this.size > 0) {
      const ends = [...this.#sessions.values()].map((session) => session.ended);
      await Promise.all([...ends, ...this.#arriving.values()]);
    }
  }
}
