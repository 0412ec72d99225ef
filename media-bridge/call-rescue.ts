// Has the carrier bring a call here, or anywhere else, whose bridge cannot serve it any more; or end it, where that was all its bridge owed.
import type { CallId, Carrier } from '../shared/call/call.ts';
import type { CallState } from '../shared/call/call-state.ts';
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallLeases } from '../shared/stores/call-leases.ts';
import type { CallControl } from '../shared/telephony/call-control.ts';
import { within } from '../shared/within.ts';

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
/** Whoever does not reach the carrier himself is not to keep those waiting who do: he asks again when they have had their chance. */
const answersWithinMs = 1_500;
const leftToOthersMs = 1_000;
/** Where a carrier stays away it is asked all the time, and that is said once in so long. */
const newsAgainMs = 10_000;

interface Asked {
  readonly atMs: number;
  startDueMs: number;
  readonly wasRefused?: boolean;
}

export interface CallRescueOptions {
  readonly replica: string;
  readonly leases: Pick<CallLeases, 'acquire' | 'release'>;
  readonly controls: ReadonlyMap<Carrier, Pick<CallControl, 'replaceMedia' | 'restartMedia' | 'hangUp'>>;
  readonly log: Logger;
}

export class CallRescue {
  readonly #options: CallRescueOptions;
  readonly #asked = new Map<CallId, Asked>();
  /** When it was last said of a call that it is asked for: where a carrier stays away that is twice a second. */
  readonly #told = new Map<CallId, number>();

  constructor(options: CallRescueOptions) {
    this.#options = options;
  }

  /**
   * Whichever bridge the carrier's next socket comes to takes the call; what was to end is ended. May be told of the same call as often
   * as one likes. Rejects where the store is away.
   */
  async serve({ callId, carrier, carrierCallId, askedToEnd }: CallState, owner: string): Promise<void> {
    const { replica, leases, controls, log } = this.#options;
    const control = carrier && controls.get(carrier);
    if (!control || !carrierCallId) return;
    const call = { callId, carrierCallId };
    const nowMs = performance.now();
    const asked = this.#asked.get(callId);
    if (asked && nowMs - asked.atMs < againInMs(asked, askedToEnd !== undefined)) {
      if (carrier !== 'acs' || askedToEnd !== undefined || nowMs < asked.startDueMs) return;
      asked.startDueMs = nowMs + openedWithinMs;
      await inTime(control.restartMedia(call)).catch((error) => {
        log.warn({ callId, error }, 'the carrier does not start the media of a call now');
      });
      return;
    }
    const claim = await leases.acquire(`take-over/${callId}/${owner}`, replica, claimMs);
    if (!claim) return;
    this.#asked.set(callId, { atMs: nowMs, startDueMs: nowMs + toldWithinMs });
    for (const [known, { atMs }] of this.#asked) if (nowMs - atMs > replacedOnceInMs) this.#asked.delete(known);
    for (const [known, atMs] of this.#told) if (nowMs - atMs > newsAgainMs) this.#told.delete(known);
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
      await inTime(askedToEnd === undefined ? control.replaceMedia(call) : control.hangUp(carrierCallId));
    } catch (error) {
      if (isNews) log.warn({ callId, error }, 'the carrier does nothing for the call of a lost bridge now');
      this.#asked.set(callId, { atMs: performance.now(), startDueMs: Number.POSITIVE_INFINITY, wasRefused: true });
      await leases.release(claim);
    }
  }
}

function againInMs({ wasRefused }: Asked, isToEnd: boolean): number {
  if (wasRefused) return leftToOthersMs;
  return isToEnd ? openedWithinMs : replacedOnceInMs;
}

function inTime(request: Promise<void>): Promise<void> {
  return within(answersWithinMs, request, () => {
    throw new AppError('CARRIER_UNREACHABLE', `The carrier did not answer within ${answersWithinMs} ms.`);
  });
}
