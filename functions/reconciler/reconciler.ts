// Asks the carriers about calls that should be over, or should be served and are not: ends, resumes or closes them.
import { randomUUID } from 'node:crypto';
import { forEachAtOnce } from '../../shared/at-once.ts';
import type { CallEndReason, CallId, Carrier } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { BridgeLoads } from '../../shared/stores/bridge-loads.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import { isHeld } from '../../shared/stores/call-hold.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';
import type { CallControl, CarrierCall } from '../../shared/telephony/call-control.ts';
import { chooseQuestion, judgeCall, type KnownCall } from './call-verdict.ts';
import { foundEndCode, readFoundEnd } from './found-end.ts';

/** Twice within the minute: whatever goes wrong is found in the second round at the latest, and is put right within two minutes. */
export const reconcileSchedule = '*/30 * * * * *';
/** A round takes less; one whose process dies frees the next after this. */
const leaseMs = 60_000;
/** From the store and from the history each. */
const maxCalls = 500;
/** A carrier that is slow to answer about one call holds up few others. */
const parallelCalls = 8;
/** No call is begun after this, so that a round ends within the lease: a carrier's request takes ten seconds at most. */
const roundMs = 25_000;
/** A call that is taken over and lost again so often will not hold. */
const maxResumptions = 3;
const resumptionWindowMs = 10 * 60_000;
/**
 * Why a call ended is guessed in the second round that finds it over: whoever was told tries every few seconds to write it, and
 * a store that is only just back has this round know less than they do.
 */
const guessingRound = 2;
const guessingWindowMs = 90_000;

export interface ReconcilerOptions {
  readonly ledger: CallLedger;
  readonly stream: Pick<CallStream, 'read' | 'liveCallIds'>;
  readonly history: Pick<CallHistory, 'listUnended' | 'find'>;
  readonly leases: CallLeases;
  readonly bridgeLoads: Pick<BridgeLoads, 'list'>;
  readonly controls: ReadonlyMap<Carrier, CallControl>;
  readonly log: Logger;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** One round, unless another process is at it. Never rejects: the next round finds what this one leaves. */
  async run(): Promise<void> {
    const { leases, log } = this.#options;
    try {
      const lease = await leases.acquire('reconciler', randomUUID(), leaseMs);
      if (!lease) return;
      const until = Date.now() + roundMs;
      try {
        await this.#round(until);
      } finally {
        // The timers of all instances go off together: who comes a moment later finds this round still made.
        const restMs = until - Date.now();
        await (restMs > 0 ? leases.renew(lease, restMs) : leases.release(lease));
      }
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'STORE_UNAVAILABLE';
      if (isAway) log.warn({ problem: error.message }, 'calls are not reconciled while a store is away');
      else log.error({ error }, 'a round of reconciling failed');
    }
  }

  async #round(until: number): Promise<void> {
    const waiting = await this.#findCalls();
    const bridges = new Set((await this.#options.bridgeLoads.list()).map(({ replica }) => replica));
    let left = 0;
    await forEachAtOnce(waiting, parallelCalls, async (callId) => {
      if (Date.now() > until) left++;
      else await this.#reconcile(callId, bridges);
    });
    if (left > 0) this.#options.log.warn({ calls: left }, 'calls are left for the next round');
  }

  /** Of the history those that the stream has lost, or never had. */
  async #findCalls(): Promise<CallId[]> {
    const { stream, history, log } = this.#options;
    const live = await stream.liveCallIds(maxCalls);
    const kept = await history.listUnended(maxCalls).catch((error: unknown) => {
      log.warn({ error }, 'the history cannot say which calls have not ended');
      return [];
    });
    return [...new Set([...live, ...kept.map(({ callId }) => callId)])];
  }

  /** Never rejects. */
  async #reconcile(callId: CallId, bridges: ReadonlySet<string>): Promise<void> {
    const log = this.#options.log.child({ callId });
    try {
      await this.#look(callId, bridges, log);
    } catch (error) {
      log.warn({ error }, 'a call could not be reconciled: the next round tries again');
    }
  }

  async #look(callId: CallId, bridges: ReadonlySet<string>, log: Logger): Promise<void> {
    const { ledger, stream, leases, controls } = this.#options;
    const state = await ledger.find(callId);
    if (!state) return;
    const events = await stream.read(callId);
    const known: KnownCall = {
      state,
      lastEventAt: findLastAt(state, events),
      askedToEndAt: events.find(({ type }) => type === 'hang-up-requested')?.at,
      isHeld: await isHeld(leases, callId),
      hasLivingBridge: state.replica !== undefined && bridges.has(state.replica),
      isWatched: bridges.size > 0 || events.some(({ type }) => type === 'media-started'),
    };
    const question = chooseQuestion(known, Date.now());
    if (question === undefined) return;
    if (question === 'close-unheard-of')
      return (await this.#mayGuess(callId)) ? this.#closeUnheardOf(state, log) : undefined;
    const control = controls.get(state.carrier!);
    if (!control) return log.warn({ carrier: state.carrier }, 'the carrier of a live call is not configured here');
    const carrier = await control.look(state.carrierCallId!);
    await this.#settle(known, events, carrier, control, log);
  }

  async #settle(
    known: KnownCall,
    events: readonly CallEvent[],
    carrier: CarrierCall,
    control: CallControl,
    log: Logger,
  ): Promise<void> {
    const { state } = known;
    const carrierCallId = state.carrierCallId!;
    const isHandedOver = state.phase === 'transferring' && carrier.phase !== 'over';
    const people = isHandedOver ? await control.countPeople(carrierCallId) : undefined;
    const verdict = judgeCall(known, carrier, Date.now(), people);
    const isToldWhy = state.askedToEnd !== undefined || carrier.endStatus !== undefined;
    const mayClose = isToldWhy || carrier.phase !== 'over' || (await this.#mayGuess(state.callId));
    switch (verdict) {
      case 'leave':
        return;
      case 'close':
        return mayClose ? this.#closeFound(state, events, carrier, log) : undefined;
      case 'hang-up':
        log.warn({ reason: state.askedToEnd }, 'a call that should be over goes on at its carrier: hanging up again');
        return this.#unlessGone(control.hangUp(carrierCallId));
      case 'resume':
        return this.#resume(state, control, log);
      default:
        return verdict satisfies never;
    }
  }

  async #resume({ callId, carrierCallId }: CallState, control: CallControl, log: Logger): Promise<void> {
    const { leases, ledger } = this.#options;
    const times = await leases.count(`reconciled/${callId}`, resumptionWindowMs);
    if (times <= maxResumptions) {
      log.warn({ times }, 'nobody serves a call that goes on: its media is asked for again');
      return this.#unlessGone(control.restartMedia({ callId, carrierCallId: carrierCallId! }));
    }
    log.error({ times }, 'no bridge keeps a call that goes on: hanging up');
    const asked = { type: 'hang-up-requested', by: 'agent', reason: 'media-lost' } as const;
    await ledger.record(callId, asked, { id: 'media-lost' });
    return this.#unlessGone(control.hangUp(carrierCallId!));
  }

  /** The next round closes it. */
  async #unlessGone(request: Promise<void>): Promise<void> {
    await request.catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'CALL_GONE')) throw error;
    });
  }

  async #mayGuess(callId: CallId): Promise<boolean> {
    return (await this.#options.leases.count(`found-over/${callId}`, guessingWindowMs)) >= guessingRound;
  }

  async #closeFound(state: CallState, events: readonly CallEvent[], carrier: CarrierCall, log: Logger): Promise<void> {
    // What a process had to tell while the stream was away stands in the history alone, if that process is gone.
    const kept = await this.#options.history.find(state.callId).catch(() => undefined);
    const fullest = kept && kept.version > state.version ? kept : state;
    const { phase, endReason, endCode, endedAt, isEndGuessed } = fullest;
    if (phase !== 'ended' || endReason === undefined || isEndGuessed)
      return this.#guess(state.callId, readFoundEnd(fullest, events, carrier), carrier.endStatus ?? foundEndCode, log);
    const told = { type: 'call-ended', reason: endReason, ...(endCode !== undefined && { code: endCode }) } as const;
    await this.#options.ledger.record(state.callId, told, { id: 'call-ended', at: endedAt });
  }

  /** It was dialled or answered, perhaps, and no word of it ever came. */
  async #closeUnheardOf({ callId, direction }: CallState, log: Logger): Promise<void> {
    if (direction === 'outbound') return this.#guess(callId, 'carrier-error', 'CARRIER_UNCERTAIN', log);
    return this.#guess(callId, 'no-answer', foundEndCode, log);
  }

  async #guess(callId: CallId, reason: CallEndReason, code: string, log: Logger): Promise<void> {
    const ended = { type: 'call-ended', reason, code, isGuess: true } as const;
    const isNews = await this.#options.ledger.record(callId, ended, { id: 'call-ended' });
    if (isNews) log.warn({ reason, code }, 'a call is over and nobody had told us');
  }
}

/** Where the stream lost it, the history knows some of the times. */
function findLastAt({ createdAt = 0, connectedAt = 0, turns }: CallState, events: readonly CallEvent[]): number {
  const times = [createdAt, connectedAt, turns.at(-1)?.at ?? 0, ...events.map(({ at }) => at)];
  return times.reduce((latest, at) => Math.max(latest, at), 0);
}
