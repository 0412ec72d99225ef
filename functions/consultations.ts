// Sees to both calls of a transfer in which a person was asked first: neither end of it is left alone when the other one is gone.
import type { CallId, Carrier } from '../shared/call/call.ts';
import type { CallState } from '../shared/call/call-state.ts';
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallLedger } from '../shared/stores/call-ledger.ts';
import type { CallControl } from '../shared/telephony/call-control.ts';
import { pursueHangUp } from '../shared/telephony/hang-up-pursuit.ts';

/** Whoever told us waits meanwhile; what is not over by then is the reconciler's. */
const hangUpLimitMs = 4_000;

export interface ConsultationsOptions {
  readonly ledger: CallLedger;
  readonly controls: ReadonlyMap<Carrier, CallControl>;
  readonly log: Logger;
}

export class Consultations {
  readonly #options: ConsultationsOptions;

  constructor(options: ConsultationsOptions) {
    this.#options = options;
  }

  /** The caller's call is over. The bridge lets go of whoever was asked, if it is there. Never rejects. */
  async callerLeft(callId: CallId): Promise<void> {
    const { ledger, log } = this.#options;
    try {
      const { consultation } = (await ledger.findLive(callId)) ?? {};
      const leg = consultation && (await ledger.findLive(consultation.leg));
      // Twilio ends it with the room; for any other it is never wrong.
      if (leg && leg.phase !== 'ended' && leg.askedToEnd === undefined) await this.#hangUp(leg);
    } catch (error) {
      log.warn({ callId, error }, 'whoever was asked to take a caller who is gone could not be looked up');
    }
  }

  /** The caller came into an empty room. True: the person is gone, and the caller is to be given back to the agent. */
  async isDeserted({ consultation, isTransferred }: CallState): Promise<boolean> {
    if (!consultation) return isTransferred !== true;
    const leg = await this.#options.ledger.find(consultation.leg);
    return leg === undefined || leg.phase === 'ended';
  }

  async #hangUp({ callId, carrier, carrierCallId }: CallState): Promise<void> {
    const { ledger, controls, log } = this.#options;
    const asked = { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' } as const;
    await ledger.post(callId, asked, { id: 'caller-left' });
    const control = controls.get(carrier!);
    if (!control || carrierCallId === undefined) return;
    await pursueHangUp({ hangUp: () => control.hangUp(carrierCallId) }, { limitMs: hangUpLimitMs }).catch(
      (error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        log.warn({ callId, error }, 'whoever was asked to take a caller who is gone could not be hung up on yet');
      },
    );
  }
}
