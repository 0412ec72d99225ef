// Empties a bridge that was told to stop: each of its calls goes to another one that has room, between two turns while there is time for that.
import type { Logger } from '../shared/logger.ts';
import type { BridgeLoads } from '../shared/stores/bridge-loads.ts';
import type { CallRegistry } from './call/call-registry.ts';
import type { CallSession } from './call/call-session.ts';

/** A pause between two turns is soon over. */
const lookEveryMs = 100;
const listEveryMs = 500;
/**
 * What stands before the bridges asks every two seconds whether they are ready, and waits two for the answer: sooner a call's next
 * socket would come here again, or find nobody.
 */
const settleMs = 5_000;
/** From here on nobody's turn is waited for. Platforms end a process 60 s after SIGTERM, some of them, and a hundred calls take ten. */
const politeMs = 35_000;
/** The same for who found another bridge only then. */
const leastPoliteMs = 3_000;
/** Each opens a model at the other bridge. */
const maxAtOnce = 10;
/** A carrier that refused is asked again, for as long as the bridge drains. */
const retryAfterMs = 2_000;

export interface EvacuationOptions {
  readonly replica: string;
  readonly registry: Pick<CallRegistry, 'sessions'>;
  readonly loads: Pick<BridgeLoads, 'list'>;
  readonly log: Logger;
}

export class Evacuation {
  readonly #options: EvacuationOptions;
  readonly #startedMs = performance.now();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #refusedMs = new WeakMap<CallSession, number>();
  #listing: Promise<void> | undefined;
  /** Of all other bridges together, when they told of it last. */
  #freePlaces = 0;
  #freeSinceMs: number | undefined;
  #isOver = false;

  /** Begins at once. */
  constructor(options: EvacuationOptions) {
    this.#options = options;
    this.#list();
    this.#timers = [setInterval(() => this.#list(), listEveryMs), setInterval(() => this.#handOver(), lookEveryMs)];
  }

  /** Idempotent. What the carriers were asked for goes on. */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#listing;
  }

  /** One at a time, however slow the store is. */
  #list(): void {
    this.#listing ??= this.#count().finally(() => {
      this.#listing = undefined;
    });
  }

  async #count(): Promise<void> {
    const { replica, loads, log } = this.#options;
    const bridges = await loads.list().catch(() => []);
    const freePlaces = bridges.reduce((sum, load) => sum + (load.replica === replica ? 0 : load.freePlaces), 0);
    if (freePlaces === 0) this.#freeSinceMs = undefined;
    else if (this.#freeSinceMs === undefined) {
      this.#freeSinceMs = performance.now();
      log.info({ freePlaces }, 'this bridge ends: its calls go to the other bridges');
    }
    this.#freePlaces = freePlaces;
  }

  #handOver(): void {
    const nowMs = performance.now();
    if (this.#isOver || this.#freeSinceMs === undefined || nowMs < this.#freeSinceMs + settleMs) return;
    const isUrgent = nowMs >= Math.max(this.#startedMs + politeMs, this.#freeSinceMs + settleMs + leastPoliteMs);
    const sessions = [...this.#options.registry.sessions];
    const underWay = sessions.filter(({ handOver }) => handOver.isUnderWay).length;
    const willing = sessions.filter((session) => {
      const { handOver } = session;
      const isDue = nowMs >= (this.#refusedMs.get(session) ?? 0);
      return isDue && handOver.isPossible && (isUrgent || handOver.isUnnoticed);
    });
    for (const session of willing.slice(0, Math.max(0, Math.min(maxAtOnce, this.#freePlaces) - underWay)))
      void this.#ask(session);
  }

  async #ask(session: CallSession): Promise<void> {
    try {
      await session.handOver.begin();
    } catch (error) {
      this.#refusedMs.set(session, performance.now() + retryAfterMs);
      this.#options.log.warn({ error }, 'the carrier does not bring a call to another bridge now: it is asked again');
    }
  }
}
