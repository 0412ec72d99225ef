// The end of a call at its carrier: asked for by the first reason that comes up, until the carrier takes it.
import type { CallEndReason } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { pursueHangUp } from '../../shared/telephony/hang-up-pursuit.ts';
import { within } from '../../shared/within.ts';
import type { CallJournal } from './call-journal.ts';

/** Longer than the carriers' own clients take to give up. */
const timeoutMs = 15_000;
/** The reconciler has found the call by then, if there are functions. */
const pursuitMs = 90_000;

export interface CarrierHangUpOptions {
  readonly journal: Pick<CallJournal, 'record'>;
  readonly log: Logger;
  /** Ends the call at the carrier. `hadLine`: its socket was here when that was wanted. */
  hangUp(hadLine: boolean): Promise<void>;
}

export class CarrierHangUp {
  readonly #options: CarrierHangUpOptions;
  readonly #onDone: () => void;
  #isAsked = false;

  /** `onDone`: the carrier was asked, whatever it answered. A failure is pursued after that: nobody is to talk on meanwhile. */
  constructor(options: CarrierHangUpOptions, onDone: () => void) {
    this.#options = options;
    this.#onDone = onDone;
  }

  get isAsked(): boolean {
    return this.#isAsked;
  }

  ask(reason: CallEndReason, by: 'agent' | 'operator', hadLine: boolean): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const { journal, log, hangUp } = this.#options;
    journal.record({ type: 'hang-up-requested', by, reason });
    const isTooSlow = () => {
      throw new AppError('CARRIER_UNREACHABLE', `no answer in ${timeoutMs} ms`);
    };
    const control = { hangUp: () => within(timeoutMs, () => hangUp(hadLine), isTooSlow) };
    const onFailure = (error: AppError) => {
      log.warn({ error, reason }, 'the carrier does not hang up: closing its media socket and asking again');
      this.#onDone();
    };
    pursueHangUp(control, { limitMs: pursuitMs, onFailure })
      .catch((error) => log.error({ error, reason }, 'the carrier did not hang up: the reconciler may'))
      .finally(this.#onDone)
      .catch(() => {});
  }
}
