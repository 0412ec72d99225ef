// Writes down what people and programs did to calls by the API, and who they were: with the call, and in the log.
import type { CallId } from '../../shared/call/call.ts';
import type { OperatorAction } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { Client } from '../clients/client.ts';

export interface OperatorActsOptions {
  readonly ledger: Pick<CallLedger, 'post'>;
  readonly log: Logger;
}

export class OperatorActs {
  readonly #options: OperatorActsOptions;

  constructor(options: OperatorActsOptions) {
    this.#options = options;
  }

  /** It has been done: that it cannot be written now changes nothing, and is told by the stores' health. */
  write(callId: CallId, action: OperatorAction, { name, role }: Client): void {
    const { ledger, log } = this.#options;
    log.info({ callId, action, role, pii: { who: name } }, 'somebody acted on a call');
    ledger.post(callId, { type: 'operator-acted', action, who: name }).catch((error: unknown) => {
      log.error({ callId, action, error }, 'who acted on a call could not be written down');
    });
  }
}
