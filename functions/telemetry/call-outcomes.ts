// What becomes of calls, told once by whoever wrote it down: how many there are, how long callers waited, how calls ended.
import { type Counter, type Histogram, metrics } from '@opentelemetry/api';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceCodes } from '../../shared/service-word.ts';
import { emitCustomEvent } from '../../shared/telemetry/custom-events.ts';
import {
  attributeNames,
  type CustomEventName,
  eventNames,
  metricNames,
  scopeName,
} from '../../shared/telemetry/names.ts';
import { StartedCalls } from '../../shared/telemetry/started-calls.ts';
import { parseTraceContext } from '../../shared/telemetry/trace-context.ts';

export interface CallOutcomesOptions {
  find(callId: CallId): Promise<CallState | undefined>;
  readonly log: Logger;
}

export class CallOutcomes {
  readonly #options: CallOutcomesOptions;
  readonly #started = new StartedCalls();
  readonly #ended: Counter;
  readonly #answerMs: Histogram;

  constructor(options: CallOutcomesOptions) {
    this.#options = options;
    const meter = metrics.getMeter(scopeName);
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
    this.#started.observe(event);
    const alarm = findAlarm(event);
    if (alarm) this.#raise(alarm, await this.#options.find(event.callId), event.callId);
    else if (event.type === 'call-connected') this.#tellAnswered(await this.#options.find(event.callId), event.at);
    else if (event.type === 'call-ended') this.#tellEnded(await this.#options.find(event.callId), event);
  }

  #raise({ name, code }: Alarm, state: CallState | undefined, callId: CallId): void {
    const attributes = {
      [attributeNames.callId]: callId,
      [attributeNames.agent]: state?.agent,
      [attributeNames.carrier]: state?.carrier,
      [attributeNames.error]: formatServiceCodes(code),
    };
    emitCustomEvent(name, attributes, parseTraceContext(state?.traceparent));
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

interface Alarm {
  readonly name: CustomEventName;
  readonly code: string;
}

/** What somebody should look at, though the call itself went on or was over. */
function findAlarm(event: CallEvent): Alarm | undefined {
  switch (event.type) {
    case 'transfer-failed':
      return { name: eventNames.transferFailed, code: event.code };
    case 'outcome-failed':
      return event.isFinal ? { name: eventNames.outcomeFailed, code: event.code } : undefined;
    case 'recording-overdue':
      return { name: eventNames.recordingMissing, code: 'RECORDING_OVERDUE' };
    case 'recording-missing':
      return { name: eventNames.recordingMissing, code: 'RECORDING_MISSING' };
    default:
      return undefined;
  }
}
