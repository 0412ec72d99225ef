// Takes Parley.CallEnded from Event Grid: the call is settled as far as that can be done now.
import { z } from 'zod';
import { findCallId } from '../../shared/call/call.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import { readEventBatch } from '../acs/event-batch.ts';
import { eventGridSchema } from '../acs/event-grid-messages.ts';
import { parseBody } from '../parse-body.ts';
import { callEndedType } from './call-ended-topic.ts';
import type { CallSettlement } from './call-settlement.ts';

const dataSchema = z.object({ call_id: z.string() });

export class CallEndedEvents {
  readonly #settlement: Pick<CallSettlement, 'settle'>;
  readonly #log: Logger;

  constructor(options: { readonly settlement: Pick<CallSettlement, 'settle'>; readonly log: Logger }) {
    this.#settlement = options.settlement;
    this.#log = options.log;
  }

  /** Throws BAD_REQUEST, and STORE_UNAVAILABLE where the event is to be told again. */
  async receiveRaw(event: unknown): Promise<void> {
    const { events, problem } = readEventBatch(event, eventGridSchema);
    for (const { type, data } of events) {
      const callId = type === callEndedType ? findCallId(parseBody(dataSchema, data).call_id) : undefined;
      if (callId) await this.#settlement.settle(callId);
      else this.#log.info({ eventType: formatServiceWord(type), count: 1 }, 'event of no interest');
    }
    if (problem) throw problem;
  }
}
