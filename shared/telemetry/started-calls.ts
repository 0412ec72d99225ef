// Counts the calls that begin, wherever they do: functions answer and dial, a bridge dials whom a caller is handed over to.
import { type Counter, metrics } from '@opentelemetry/api';
import type { CallEvent } from '../call/call-event.ts';
import { attributeNames, metricNames, scopeName } from './names.ts';

export class StartedCalls {
  readonly #started: Counter;

  constructor() {
    this.#started = metrics.getMeter(scopeName).createCounter(metricNames.callsStarted);
  }

  /** An event that this process added to a call's stream: no other one tells of it. */
  observe(event: CallEvent): void {
    if (event.type !== 'call-created') return;
    const { carrier, direction } = event;
    this.#started.add(1, { [attributeNames.carrier]: carrier, [attributeNames.direction]: direction });
  }
}
