// Watches the other bridges: of one that says nothing any more, or cannot reach a carrier, the calls are brought here, or are ended.
import type { CallId, Carrier } from '../shared/call/call.ts';
import type { CallState } from '../shared/call/call-state.ts';
import type { Logger } from '../shared/logger.ts';
import type { BridgeLoad, BridgeLoads } from '../shared/stores/bridge-loads.ts';
import type { CallLeases } from '../shared/stores/call-leases.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';
import type { CallStream } from '../shared/stores/call-stream.ts';
import type { CallControl } from '../shared/telephony/call-control.ts';

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
 * answer, and no bridge knows of the call. Whoever has one says so within a fraction of this, once somebody is on the line.
 */
const unservedMs = 2_000;
/** A carrier that took the request has opened another socket by then. */
const openedWithinMs = 5_000;
/**
 * Whoever has the call by then may not reach the store and cannot say so: it is not to lose its line to a second request. Where a
 * carrier opens none, it is only asked to open one where there is none (ACS), or goes on to the next step of the call by itself (Twilio).
 */
const replacedOnceInMs = 30_000;
/** Others who watch leave it to whoever asked first, for as long as a bridge is missed. */
const claimMs = 12_000;
/**
 * ACS only closes the old socket, and tells functions, which have another one opened. Where nobody is told, of the loss or of
 * this, the caller would wait for ever: the bridge asks itself. Functions that are told take a tenth of it.
 */
const toldWithinMs = 1_000;
/** More calls than any bridge holds. */
const maxCalls = 1_000;

export interface OrphanWatchOptions {
  readonly replica: string;
  readonly loads: Pick<BridgeLoads, 'list'>;
  readonly stream: Pick<CallStream, 'liveCallIds'>;
  readonly ledger: Pick<CallLedger, 'findLive'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly controls: ReadonlyMap<Carrier, Pick<CallControl, 'replaceMedia' | 'restartMedia' | 'hangUp'>>;
  readonly log: Logger;
}

export class OrphanWatch {
  readonly #options: OrphanWatchOptions;
  readonly #timer: NodeJS.Timeout;
  /** Seen once, and since when they are missed. */
  readonly #others = new Map<string, { missedSinceMs: number | undefined }>();
  readonly #asked = new Map<CallId, { readonly atMs: number; startDueMs: number }>();
  /** When a bridge was missed last, or could not serve its calls. */
  #troubledAtMs = Number.NEGATIVE_INFINITY;
  /** Meanwhile, and for some time after: calls that no bridge has had yet, and since when that was seen. */
  readonly #unserved = new Map<CallId, number>();
  /** When it was last said of a call that it is asked for: where a carrier stays away that is twice a second. */
  readonly #told = new Map<CallId, number>();
  #looking: Promise<void> | undefined;

  constructor(options: OrphanWatchOptions) {
    this.#options = options;
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
    for (const { replica: owner, stranded = [] } of living)
      for (const callId of owner === replica ? [] : stranded) {
        const state = await ledger.findLive(callId);
        // What another bridge has by now is stranded no more.
        if ((state?.replica ?? owner) === owner) await this.#serve(state, owner);
      }
    const dead = this.#findDead(alive);
    const nowMs = performance.now();
    const isTroubled = ({ replica: other, stranded = [] }: BridgeLoad) => other !== replica && stranded.length > 0;
    if (dead.size > 0 || living.some(isTroubled)) this.#troubledAtMs = nowMs;
    if (nowMs - this.#troubledAtMs >= searchMs) {
      this.#unserved.clear();
      return;
    }
    for (const callId of await stream.liveCallIds(maxCalls)) {
      const state = await ledger.findLive(callId);
      if (state?.replica !== undefined && dead.has(state.replica)) await this.#serve(state, state.replica);
      else if (this.#isUnserved(callId, state)) await this.#serve(state, 'nobody');
    }
  }

  #isUnserved(callId: CallId, state: CallState | undefined): boolean {
    // One that is to end before any bridge had it is told so by its carrier, which hangs up after those words.
    if (state?.phase !== 'active' || state.mediaAt !== undefined || state.askedToEnd !== undefined) {
      this.#unserved.delete(callId);
      return false;
    }
    const nowMs = performance.now();
    const sinceMs = this.#unserved.get(callId) ?? nowMs;
    this.#unserved.set(callId, sinceMs);
    return nowMs - sinceMs >= unservedMs;
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

  /** Whichever bridge the carrier's next socket comes to takes the call; what was to end is ended. */
  async #serve(state: CallState | undefined, owner: string): Promise<void> {
    if (state?.phase !== 'active') return;
    const { callId, carrier, carrierCallId, askedToEnd } = state;
    const { replica, leases, controls, log } = this.#options;
    const control = carrier && controls.get(carrier);
    if (!control || !carrierCallId) return;
    const nowMs = performance.now();
    const asked = this.#asked.get(callId);
    if (asked && nowMs - asked.atMs < (askedToEnd === undefined ? replacedOnceInMs : openedWithinMs)) {
      if (carrier !== 'acs' || askedToEnd !== undefined || nowMs < asked.startDueMs) return;
      asked.startDueMs = nowMs + openedWithinMs;
      await control.restartMedia({ callId, carrierCallId }).catch((error) => {
        log.warn({ callId, error }, 'the carrier does not start the media of a call now');
      });
      return;
    }
    const claim = await leases.acquire(`take-over/${callId}/${owner}`, replica, claimMs);
    if (!claim) return;
    this.#asked.set(callId, { atMs: nowMs, startDueMs: nowMs + toldWithinMs });
    for (const [known, { atMs }] of this.#asked) if (nowMs - atMs > replacedOnceInMs) this.#asked.delete(known);
    for (const [known, atMs] of this.#told) if (nowMs - atMs > searchMs) this.#told.delete(known);
    const isNews = !this.#told.has(callId);
    if (isNews) {
      this.#told.set(callId, nowMs);
      log.warn(
        { callId, owner },
        askedToEnd === undefined
          ? 'the bridge of a call cannot serve it any more: the carrier is asked for another socket'
          : 'the bridge of a call cannot end it: the carrier is asked from here',
      );
    }
    try {
      // Whoever has said goodbye is not to be brought back: all that its bridge still owes is the end.
      await (askedToEnd === undefined
        ? control.replaceMedia({ callId, carrierCallId })
        : control.hangUp(carrierCallId));
    } catch (error) {
      if (isNews) log.warn({ callId, error }, 'the carrier does nothing for the call of a lost bridge now');
      this.#asked.delete(callId);
      await leases.release(claim);
    }
  }
}
