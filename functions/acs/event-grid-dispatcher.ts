// Hands each event of Event Grid to what it concerns, and says whether Event Grid should send it again.
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import { parseBody } from '../parse-body.ts';
import { readEventBatch } from './event-batch.ts';
import { type EventGridEvent, eventGridSchema, incomingCallSchema, incomingCallType } from './event-grid-messages.ts';
import type { AcsIncomingCalls } from './incoming-calls.ts';

export class EventGridDispatcher {
  readonly #incoming: AcsIncomingCalls;
  readonly #log: Logger;

  constructor(options: { incoming: AcsIncomingCalls; log: Logger }) {
    this.#incoming = options.incoming;
    this.#log = options.log;
  }

  /** Of one event as it came. */
  async receiveRaw(event: unknown): Promise<void> {
    const { events, problem } = readEventBatch(event, eventGridSchema);
    if (problem) throw problem;
    await this.receive(events);
  }

  /** Works on all of them, whatever becomes of one. Throws BAD_REQUEST only if nothing would be won by sending them again. */
  async receive(events: readonly EventGridEvent[]): Promise<void> {
    const done = await Promise.allSettled(events.map((event) => this.#receiveOne(event)));
    const errors = done.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    const isMalformed = (error: unknown) => error instanceof AppError && error.code === 'BAD_REQUEST';
    const worst = errors.find((error) => !isMalformed(error)) ?? errors[0];
    if (worst !== undefined) throw worst;
  }

  async #receiveOne(event: EventGridEvent): Promise<void> {
    if (event.type === incomingCallType) {
      await this.#incoming.receive(parseBody(incomingCallSchema, event.data), event.at);
      return;
    }
    this.#log.info({ eventType: formatServiceWord(event.type), count: 1 }, 'event of no interest');
  }
}
