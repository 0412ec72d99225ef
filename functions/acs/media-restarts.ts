// Has ACS open a live call's media socket again after it lost it, and ends the call when that does not help.
import { randomUUID } from 'node:crypto';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLeases } from '../../shared/stores/call-leases.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';

/**
 * Before the first, second and third restart. A replica that dies is replaced at once, a bridge that starts anew needs some
 * seconds; a socket that fails after that will not come back, and the caller has heard nothing meanwhile.
 */
const restartDelaysMs = [0, 1000, 3000];
/** As long as a callback may be repeated, and far longer than a caller waits. */
const failureMemoryMs = 10 * 60_000;

export interface AcsMediaRestartsOptions {
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

export class AcsMediaRestarts {
  readonly #options: AcsMediaRestartsOptions;

  constructor(options: AcsMediaRestartsOptions) {
    this.#options = options;
  }

  /** Rejects when the failure should be told again. */
  async restart({ callId, carrierCallId, eventId }: MediaFailure, log: Logger): Promise<void> {
    const { leases } = this.#options;
    const claim = await leases.acquire(`media-failure/${callId}/${eventId}`, randomUUID(), failureMemoryMs);
    if (!claim) return;
    try {
      const restarts = await leases.count(`media-restarts/${callId}`, failureMemoryMs);
      const delayMs = restartDelaysMs[restarts - 1];
      const restarted = delayMs !== undefined && (await this.#tryAgain(carrierCallId, restarts, delayMs, log));
      if (!restarted) await this.#giveUp(callId, carrierCallId, log);
    } catch (error) {
      await leases.release(claim).catch(() => {});
      throw error;
    }
  }

  async #tryAgain(carrierCallId: string, restarts: number, delayMs: number, log: Logger): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
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
