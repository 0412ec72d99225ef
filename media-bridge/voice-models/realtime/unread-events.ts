// Events of a service that are not understood: counted, and named in the log now and then.
import type { Logger } from '../../../shared/logger.ts';
import { formatServiceWord } from '../../../shared/service-word.ts';
import type { RealtimeEvent } from './realtime-messages.ts';

/** The first of a kind of trouble is logged, and then one in so many. */
const logEvery = 100;

export class UnreadEvents {
  readonly #log: Logger;
  #count = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(event: Extract<RealtimeEvent, { type: 'unknown' | 'malformed' }>): void {
    this.#count += 1;
    if (this.#count !== 1 && this.#count % logEvery !== 0) return;
    const name = event.type === 'unknown' ? formatServiceWord(event.name) : event.type;
    this.#log.warn({ name, count: this.#count }, 'events of the service were not understood');
  }
}
