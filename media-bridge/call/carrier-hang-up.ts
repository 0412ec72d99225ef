// The end of a call at its carrier: asked for once, for the first reason that comes up.
import type { CallEndReason } from '../../shared/call/call.ts';
import type { Logger } from '../../shared/logger.ts';
import { within } from '../../shared/within.ts';
import type { CallJournal } from './call-journal.ts';

/** Longer than the carriers' own clients take to give up. */
const timeoutMs = 15_000;

export interface CarrierHangUpOptions {
  readonly journal: Pick<CallJournal, 'record'>;
  readonly log: Logger;
  /** Ends the call at the carrier. */
  hangUp(): Promise<void>;
}

export class CarrierHangUp {
  readonly #options: CarrierHangUpOptions;
  readonly #onDone: () => void;
  #isAsked = false;

  /** `onDone`: the carrier was asked, whatever it answered. */
  constructor(options: CarrierHangUpOptions, onDone: () => void) {
    this.#options = options;
    this.#onDone = onDone;
  }

  ask(reason: CallEndReason, by: 'agent' | 'operator'): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const { journal, log, hangUp } = this.#options;
    journal.record({ type: 'hang-up-requested', by, reason });
    const isTooSlow = () => {
      throw new Error(`no answer in ${timeoutMs} ms`);
    };
    void within(timeoutMs, hangUp, isTooSlow)
      .catch((error) => log.error({ error, reason }, 'the carrier did not hang up; closing its media socket instead'))
      .then(this.#onDone);
  }
}
