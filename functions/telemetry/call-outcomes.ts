// What becomes of calls, told once by whoever wrote it down: how many there are, how long callers waited, how calls ended.
import { type Counter, type Histogram, metrics } from '@opentelemetry/api';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceCodes } from '../../shared/service-word.ts';
import { emitCustomEvent } from '../../shared/telemetry/custom-events.ts';
import { attributeNames, eventNames, metricNames, scopeName } from '../../shared/telemetry/names.ts';
import { parseTraceContext } from '../../shared/telemetry/trace-context.ts';

export interface CallOutcomesOptions {
  find(callId: CallId): Promise<CallState | undefined>;
  readonly log: Logger;
}

export class CallOutcomes {
  readonly #options: CallOutcomesOptions;
  readonly #started: Counter;
  readonly #ended: Counter;
  readonly #answerMs: Histogram;

  constructor(options: CallOutcomesOptions) {
    this.#options = options;
    const meter = metrics.getMeter(scopeName);
    this.#started = meter.createCounter(metricNames.callsStarted);
    this.#ended = meter.createCounter(metricNames.callsEnded);
    this.#answerMs = meter.createHistogram(metricNames.answerMs, { unit: 'ms' });
  }

  /** An event that this process added to a call's stream: no other one tells of it. Nobody waits. */
  observe(event: CallEvent): void {
    this.#tell(event).catch((error: unknown) => {
      this.#options.log.warn({ error, callId: event.callId }, 'what became of a call could not be told');
    });
  }

  async #tell(event: CallEvent): Promise<void> {
    if (event.type === 'call-created') {
      const { carrier, direction } = event;
      this.#started.add(1, { [attributeNames.carrier]: carrier, [attributeNames.direction]: direction });
    } else if (event.type === 'transfer-failed')
      this.#options.log.warn({ callId: event.callId, code: event.code }, 'a caller was not handed over');
    else if (event.type === 'call-connected') this.#tellAnswered(await this.#options.find(event.callId), event.at);
    else if (event.type === 'call-ended') this.#tellEnded(await this.#options.find(event.callId), event);
  }

  /** Callees take their time, which is not ours. */
  #tellAnswered(state: CallState | undefined, at: number): void {
    if (state?.direction !== 'inbound' || state.createdAt === undefined) return;
    this.#answerMs.record(Math.max(0, at - state.createdAt), { [attributeNames.carrier]: state.carrier });
  }

  #tellEnded(state: CallState | undefined, { callId, reason, code, at }: Extract<CallEvent, { type: 'call-ended' }>) {
    const { carrier, direction, agent, model, createdAt, connectedAt, turns = [] } = state ?? {};
    const kind = { [attributeNames.carrier]: carrier, [attributeNames.direction]: direction };
    this.#ended.add(1, { ...kind, [attributeNames.reason]: reason });
    const attributes = {
      ...kind,
      [attributeNames.callId]: callId,
      [attributeNames.agent]: agent,
      [attributeNames.reason]: reason,
      [attributeNames.endCode]: code === undefined ? undefined : formatServiceCodes(code),
    };
    const traced = parseTraceContext(state?.traceparent);
    const ended = {
      ...attributes,
      [attributeNames.model]: model,
      [attributeNames.answerMs]:
        createdAt === undefined || connectedAt === undefined ? undefined : connectedAt - createdAt,
      [attributeNames.seconds]: connectedAt === undefined ? 0 : Math.max(0, (at - connectedAt) / 1000),
      [attributeNames.turns]: turns.length,
      [attributeNames.interruptions]: turns.filter(({ interrupted }) => interrupted).length,
    };
    emitCustomEvent(eventNames.callEnded, ended, traced);
    if (reason === 'bridge-full') emitCustomEvent(eventNames.bridgeFull, attributes, traced);
    // A caller who rang off first was not refused.
    if (direction === 'inbound' && connectedAt === undefined && reason !== 'caller-hung-up')
      emitCustomEvent(eventNames.callNotAnswered, attributes, traced);
  }
}
