// Watches the calls of this bridge: each one's trace, what is counted of it, and what operators are told at once.
import type { Attributes } from '@opentelemetry/api';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import { formatServiceCodes } from '../../shared/service-word.ts';
import { emitCustomEvent } from '../../shared/telemetry/custom-events.ts';
import { attributeNames, type CustomEventName, eventNames } from '../../shared/telemetry/names.ts';
import { CallMetrics, type MeteredCall } from './call-metrics.ts';
import { CallTrace, type CallTraceOptions } from './call-trace.ts';

const noTrace = /^0*$/;

export class CallTelemetry {
  readonly #metrics = new CallMetrics();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Never throws, and neither does what it returns: a call goes on whatever becomes of what is told of it. */
  watch(options: Omit<CallTraceOptions, 'startMs'>) {
    let trace: CallTrace | undefined;
    const metered: MeteredCall = {};
    const attempt = (work: () => void) => {
      try {
        work();
      } catch (error) {
        // Once: what failed would fail again with each event.
        trace = undefined;
        this.#log.warn({ error, callId: options.callId }, 'a call could not be observed: it goes on unseen');
      }
    };
    let traceIds: { traceId?: string; spanId?: string } = {};
    attempt(() => {
      trace = new CallTrace({ ...options, startMs: Date.now() });
      if (!noTrace.test(trace.ids.traceId)) traceIds = trace.ids;
    });
    return {
      traceIds,
      observe: (event: CallEvent, isOurs: boolean) =>
        attempt(() => {
          if (!trace) return;
          trace.observe(event, isOurs);
          if (!isOurs) return;
          this.#metrics.observe(metered, event);
          if (event.type === 'model-lost' && event.code === 'MODEL_THROTTLED')
            this.#tell(eventNames.modelThrottled, { [attributeNames.model]: event.model }, options, trace);
          if (event.type === 'transfer-failed')
            this.#tell(eventNames.transferFailed, describeTransfer(event, options), options, trace);
        }),
      close: () => attempt(() => trace?.close(Date.now())),
    };
  }

  #tell(
    name: CustomEventName,
    facts: Attributes,
    { callId, agent }: Pick<CallTraceOptions, 'callId' | 'agent'>,
    { context }: CallTrace,
  ): void {
    const attributes = { [attributeNames.callId]: callId, [attributeNames.agent]: agent, ...facts };
    emitCustomEvent(name, attributes, context);
  }
}

function describeTransfer(
  { code }: Extract<CallEvent, { type: 'transfer-failed' }>,
  { carrier }: Pick<CallTraceOptions, 'carrier'>,
): Attributes {
  return { [attributeNames.carrier]: carrier, [attributeNames.error]: formatServiceCodes(code) };
}
