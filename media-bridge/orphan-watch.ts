// Watches the other bridges: of one that says nothing any more, or cannot reach a carrier, the calls are brought here, or are ended.
import { forEachAtOnce } from '../shared/at-once.ts';
import type { CallId } from '../shared/call/call.ts';
import type { CallState } from '../shared/call/call-state.ts';
import type { BridgeLoads } from '../shared/stores/bridge-loads.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';
import type { CallStream } from '../shared/stores/call-stream.ts';
import type { OpeningPace } from './call/opening-pace.ts';
import { CallRescue, type CallRescueOptions } from './call-rescue.ts';

const lookEveryMs = 500;
/**
 * A bridge is missed 1.5 to 2 s after its last word (LoadReporter). It may have been the store that hiccuped: it gets so long to be
 * there again. Both together are more than the 2.5 s for which a bridge may think that a call is its own (CallHold).
 */
const confirmMs = 1_000;
/** Facts of its last calls may be on their way. */
const searchMs = 10_000;
/**
 * The first socket of a call may have gone to a bridge that was dead or out of reach by then: its carrier waits ten seconds for an
 * answer, and no bridge knows of the call. Nor need any bridge be missed: one that the carrier does not reach may reach the store.
 * Whoever has a call says so within a fraction of this, once somebody is on the line; where many come at once within two seconds.
 */
const unservedMs = 3_500;
/** More calls than any bridge holds. */
const maxCalls = 1_000;
/** Each opens a model at the bridge that it comes to. */
const maxAtOnce = 10;

/** In the place of the owner's name. */
const nobody = 'nobody';

interface LostCall {
  readonly callId: CallId;
  /** Who has it and cannot serve it; undefined where it need not be served any more. */
  readonly findOwner: (state: CallState) => string | undefined;
}

export interface OrphanWatchOptions extends CallRescueOptions {
  /** Calls that nobody seems to have may wait for their turn here. */
  readonly openingPace: Pick<OpeningPace, 'isBusy'>;
  readonly loads: Pick<BridgeLoads, 'list'>;
  readonly stream: Pick<CallStream, 'liveCallIds' | 'unservedCallIds'>;
  readonly ledger: Pick<CallLedger, 'findLive'>;
}

export class OrphanWatch {
  readonly #options: OrphanWatchOptions;
  readonly #rescue: CallRescue;
  readonly #timer: NodeJS.Timeout;
  /** Seen once, and since when they are missed. */
  readonly #others = new Map<string, { missedSinceMs: number | undefined }>();
  #looking: Promise<void> | undefined;
  #knowsOwners = false;

  constructor(options: OrphanWatchOptions) {
    this.#options = options;
    this.#rescue = new CallRescue(options);
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** One at a time, however slow the store is. */
  #look(): void {
    this.#looking ??= this.#search()
      .catch((error) => this.#options.log.debug({ error }, 'the other bridges cannot be watched now'))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #search(): Promise<void> {
    const { replica, loads, stream, ledger } = this.#options;
    const living = await loads.list().catch(() => []);
    const alive = new Set(living.map((load) => load.replica));
    // Whoever is not seen himself, or sees nobody, cannot tell who is dead.
    if (!alive.has(replica)) {
      for (const other of this.#others.values()) other.missedSinceMs = undefined;
      return;
    }
    if (!this.#knowsOwners) await this.#meetOwners();
    const dead = this.#findDead(alive);
    const lost: LostCall[] = [
      ...living.flatMap(({ replica: owner, stranded = [] }) =>
        // What another bridge has by now is stranded no more.
        (owner === replica ? [] : stranded).map((callId) => ({
          callId,
          findOwner: (state: CallState) => ((state.replica ?? owner) === owner ? owner : undefined),
        })),
      ),
      ...(dead.size === 0 ? [] : await stream.liveCallIds(maxCalls)).map((callId) => ({
        callId,
        findOwner: ({ replica: owner }: CallState) => (owner !== undefined && dead.has(owner) ? owner : undefined),
      })),
      ...(await this.#findUnserved()).map((callId) => ({
        callId,
        // One that is to end before any bridge had it is told so by its carrier, which hangs up after those words.
        findOwner: ({ mediaAt, askedToEnd }: CallState) =>
          mediaAt === undefined && askedToEnd === undefined ? nobody : undefined,
      })),
    ];
    await forEachAtOnce(lost, maxAtOnce, async ({ callId, findOwner }) => {
      const state = await ledger.findLive(callId);
      const owner = state?.phase === 'active' ? findOwner(state) : undefined;
      if (state && owner !== undefined) await this.#rescue.serve(state, owner);
    });
  }

  /** Who was gone before this bridge began to watch is known by the calls that it left. */
  async #meetOwners(): Promise<void> {
    const { stream, ledger } = this.#options;
    await forEachAtOnce(await stream.liveCallIds(maxCalls), maxAtOnce, async (callId) => {
      const owner = (await ledger.findLive(callId))?.replica;
      if (owner !== undefined && !this.#others.has(owner)) this.#others.set(owner, { missedSinceMs: undefined });
    });
    this.#knowsOwners = true;
  }

  async #findUnserved(): Promise<readonly CallId[]> {
    const { stream, openingPace } = this.#options;
    return openingPace.isBusy ? [] : stream.unservedCallIds({ olderThanMs: unservedMs, limit: maxCalls });
  }

  #findDead(alive: ReadonlySet<string>): ReadonlySet<string> {
    const nowMs = performance.now();
    for (const other of alive) this.#others.set(other, { missedSinceMs: undefined });
    const dead = new Set<string>();
    for (const [name, other] of this.#others) {
      if (alive.has(name)) continue;
      other.missedSinceMs ??= nowMs;
      const missedMs = nowMs - other.missedSinceMs;
      if (missedMs >= confirmMs) dead.add(name);
      if (missedMs >= confirmMs + searchMs) this.#others.delete(name);
    }
    return dead;
  }
}
