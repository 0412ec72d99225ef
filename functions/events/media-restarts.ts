// Has ACS open a live call's media socket again after it lost it, and ends the call when that does not help.
import { randomUUID } from 'node:crypto';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';

/** A socket that fails more often will not come back, and the caller hears nothing meanwhile. */
const restartLimit = 3;
/** As long as a callback may be repeated, and far longer than a caller waits. */
const failureMemoryMs = 10 * 60_000;

export interface MediaRestartsOptions {
  readonly ledger: CallLedger;
  readonly leases: CallLeases;
  readonly control: CallControl;
}

export interface MediaFailure {
  readonly callId: CallId;
  readonly carrierCallId: string;
  /** Of the event that told it: each is acted upon once. */
  readonly eventId: string;
}

export class MediaRestarts {
  readonly #options: MediaRestartsOptions;

  constructor(options: MediaRestartsOptions) {
    this.#options = options;
  }

  /** Rejects when the failure should be told again. */
  async restart({ callId, carrierCallId, eventId }: MediaFailure, log: Logger): Promise<void> {
    const { leases } = this.#options;
    const claim = await leases.acquire(`media-failure/${callId}/${eventId}`, randomUUID(), failureMemoryMs);
    if (!claim) return;
    try {
      const restarts = await leases.count(`media-restarts/${callId}`, failureMemoryMs);
      const restarted = restarts <= restartLimit && (await this.#tryAgain(carrierCallId, restarts, log));
      if (!restarted) await this.#giveUp(callId, carrierCallId, log);
    } catch (error) {
      await leases.release(claim).catch(() => {});
      throw error;
    }
  }

  async #tryAgain(carrierCallId: string, restarts: number, log: Logger): Promise<boolean> {
    try {
      await this.#options.control.restartMedia(carrierCallId);
      log.warn({ restarts }, 'media socket was lost: ACS was asked to open it again');
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'CALL_GONE') return true;
      log.warn({ error, restarts }, 'media socket was lost and could not be opened again');
      return false;
    }
  }

  async #giveUp(callId: CallId, carrierCallId: string, log: Logger): Promise<void> {
    const { ledger, control } = this.#options;
    log.error('media socket is lost for good: the call is ended');
    const asked = { type: 'hang-up-requested', by: 'agent', reason: 'media-lost' } as const;
    await ledger.record(callId, asked, { id: 'media-lost' });
    await control.hangUp(carrierCallId).catch((error: unknown) => {
      if (!(error instanceof AppError && error.code === 'CALL_GONE')) throw error;
    });
  }
}
