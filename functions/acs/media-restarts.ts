// Has ACS open a live call's media socket again after it lost it, and ends the call when nobody takes it over.
import { randomUUID } from 'node:crypto';
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallControl, NamedCall } from '../../shared/telephony/call-control.ts';
import { pursueHangUp } from '../../shared/telephony/hang-up-pursuit.ts';
import { pause } from '../../shared/within.ts';
import {
  findMediaAt,
  formatResumption,
  isHeldSince,
  isLostTooOften,
  type MediaResumption,
  parseResumption,
  planResumption,
  type ResumptionPlan,
} from '../media-resumption.ts';
import type { RecordedAnnouncements } from '../recorded-announcements.ts';

/** As long as a callback may be repeated, and far longer than a caller waits. */
const memoryMs = 10 * 60_000;
/** Of whoever acts upon it: killed at it, they leave it after this time to the process that is told again. */
const claimMs = 3_000;
const renewEveryMs = 1_000;
const lookAgainAfterMs = 500;
/** Whoever told of the failure waits meanwhile. */
const hangUpLimitMs = 15_000;
/** Another bridge commonly has the call within half a second: only who waits longer is told so, and hears nothing over the agent. */
const firstWordsAt = 1;

export interface AcsMediaRestartsOptions {
  readonly ledger: CallLedger;
  readonly leases: CallLeases;
  readonly control: CallControl;
  readonly agents: AgentProfiles;
  readonly announcements: Pick<RecordedAnnouncements, 'findUrl'>;
}

export interface MediaFailure {
  readonly callId: CallId;
  readonly carrierCallId: string;
  /** Of the event that told it: each is acted upon once. */
  readonly eventId: string;
}

export class AcsMediaRestarts {
  readonly #options: AcsMediaRestartsOptions;

  constructor(options: AcsMediaRestartsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when ACS took the request, or the call is over: a start that ACS takes and that fails is told as another failure.
   * Rejects when the failure should be told again.
   */
  async restart({ callId, carrierCallId, eventId }: MediaFailure, log: Logger): Promise<void> {
    const toldAt = Date.now();
    await this.#once(`media-failure/${callId}/${eventId}`, async () => {
      if (await isLostTooOften(this.#options.leases, callId)) return this.#giveUp(callId, carrierCallId, log);
      for (;;) {
        const plan = await this.#plan(callId);
        if (plan.type === 'give-up') return this.#giveUp(callId, carrierCallId, log);
        if (plan.speaks) void this.#speak(callId, carrierCallId, log);
        await pause(plan.pauseSeconds * 1000);
        if (await this.#isOver(callId, toldAt, plan.resumption.mediaAt)) return;
        if (await this.#tryAgain({ callId, carrierCallId }, plan.resumption, log)) return;
      }
    });
  }

  /** Does it unless it is done. While another process is at it this one waits, and takes it over should that one be gone. */
  async #once(name: string, work: () => Promise<void>): Promise<void> {
    const { leases } = this.#options;
    const doneName = `${name}/done`;
    let claim = await leases.acquire(name, randomUUID(), claimMs);
    while (!claim) {
      await pause(lookAgainAfterMs);
      if (await leases.find(doneName)) return;
      claim = await leases.acquire(name, randomUUID(), claimMs);
    }
    const held = claim;
    const renewal = setInterval(() => leases.renew(held, claimMs).catch(() => {}), renewEveryMs);
    try {
      if (await leases.find(doneName)) return;
      await work();
      // What is done is not to be told again for want of a store.
      await leases.acquire(doneName, randomUUID(), memoryMs).catch(() => {});
    } finally {
      clearInterval(renewal);
      await leases.release(held).catch(() => {});
    }
  }

  async #plan(callId: CallId): Promise<ResumptionPlan> {
    const { leases, ledger } = this.#options;
    const name = `media-resumption/${callId}`;
    const kept = await leases.find(name);
    const plan = planResumption(parseResumption(kept?.owner ?? null), {
      now: Date.now(),
      mediaAt: await findMediaAt(ledger, callId),
      firstWordsAt,
    });
    if (plan.type === 'give-up') return plan;
    if (kept) await leases.release(kept);
    await leases.acquire(name, formatResumption(plan.resumption), memoryMs);
    return plan;
  }

  /** The line is dead meanwhile: ACS itself plays what the caller hears. Nothing waits for it, and nothing depends on it. */
  async #speak(callId: CallId, carrierCallId: string, log: Logger): Promise<void> {
    const { ledger, agents, announcements, control } = this.#options;
    try {
      const profile = agents.get((await ledger.findLive(callId))?.agent ?? '');
      const url = profile && announcements.findUrl('one-moment', profile.language);
      if (url !== undefined) await control.announce(carrierCallId, url);
    } catch (error) {
      log.info({ error }, 'the caller could not be told to wait');
    }
  }

  /** Meanwhile somebody may have hung up, and a bridge that hands its calls over has their media started again itself. */
  async #isOver(callId: CallId, toldAt: number, mediaAt: number | undefined): Promise<boolean> {
    const state = await this.#options.ledger.findLive(callId).catch(() => undefined);
    return (
      state?.phase === 'ended' || state?.askedToEnd !== undefined || isHeldSince(mediaAt, toldAt + 1, state?.mediaAt)
    );
  }

  /** False: ACS could not do it now. */
  async #tryAgain(call: NamedCall, { tries }: MediaResumption, log: Logger): Promise<boolean> {
    try {
      await this.#options.control.restartMedia(call);
      log.warn({ tries }, 'media socket was lost: ACS was asked to open it again');
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'CALL_GONE') return true;
      log.warn({ error, tries }, 'media socket was lost and ACS could not open it again yet');
      return false;
    }
  }

  /** What ACS does not end now is ended by the reconciler: the wish is written down. */
  async #giveUp(callId: CallId, carrierCallId: string, log: Logger): Promise<void> {
    const { ledger, control } = this.#options;
    log.error('media socket is lost for good: the call is ended');
    const asked = { type: 'hang-up-requested', by: 'agent', reason: 'media-lost' } as const;
    await ledger.post(callId, asked, { id: 'media-lost' });
    await pursueHangUp({ hangUp: () => control.hangUp(carrierCallId) }, { limitMs: hangUpLimitMs }).catch(
      (error: unknown) => {
        log.error({ error }, 'ACS does not hang up');
      },
    );
  }
}
