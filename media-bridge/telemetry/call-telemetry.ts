// Watches the calls of this bridge: each one's trace, what is counted of it, and what operators are told at once.
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import { emitCustomEvent } from '../../shared/telemetry/custom-events.ts';
import { attributeNames, eventNames } from '../../shared/telemetry/names.ts';
import { CallMetrics, type MeteredCall } from './call-metrics.ts';
import { CallTrace, type CallTraceOptions } from './call-trace.ts';

const noTrace = /^0*$/;

export class CallTelemetry {
  readonly #metrics = new CallMetrics();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  watch(options: Omit<CallTraceOptions, 'startMs'>) {
    const trace = new CallTrace({ ...options, startMs: Date.now() });
    const metered: MeteredCall = {};
    // A call goes on whatever becomes of what is told of it.
    const attempt = (work: () => void) => {
      try {
        work();
      } catch (error) {
        this.#log.warn({ error, callId: options.callId }, 'a call could not be observed');
      }
    };
    return {
      traceIds: noTrace.test(trace.ids.traceId) ? {} : trace.ids,
      observe: (event: CallEvent, isOurs: boolean) =>
        attempt(() => {
          trace.observe(event, isOurs);
          if (!isOurs) return;
          this.#metrics.observe(metered, event);
          if (event.type === 'model-lost' && event.code === 'MODEL_THROTTLED')
            this.#tellThrottled(options, event, trace);
        }),
      close: () => attempt(() => trace.close(Date.now())),
    };
  }

  #tellThrottled(
    { callId, agent }: Pick<CallTraceOptions, 'callId' | 'agent'>,
    { model }: Extract<CallEvent, { type: 'model-lost' }>,
    { context }: CallTrace,
  ): void {
    const attributes = {
      [attributeNames.callId]: callId,
      [attributeNames.agent]: agent,
      [attributeNames.model]: model,
    };
    emitCustomEvent(eventNames.modelThrottled, attributes, context);
  }
}
