// The trace that something belongs to, as it travels: W3C's traceparent, to and from OpenTelemetry's context.
import { type Context, context, propagation, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';

interface Carrier {
  traceparent?: string;
  tracestate?: string;
}

/** Of the span that is active here; undefined without one, so wherever telemetry is off. */
export function findTraceparent(from: Context = context.active()): string | undefined {
  const carrier: Carrier = {};
  propagation.inject(from, carrier);
  return carrier.traceparent;
}

/** The root where there is none, or where it makes no sense. */
export function parseTraceContext(traceparent: string | undefined, tracestate?: string): Context {
  if (traceparent === undefined) return ROOT_CONTEXT;
  const carrier: Carrier = { traceparent, ...(tracestate ? { tracestate } : {}) };
  return propagation.extract(ROOT_CONTEXT, carrier);
}

/** What a log line has to say to be found with its trace. */
export function formatTraceIds({ traceId, spanId }: SpanContext): { traceId: string; spanId: string } {
  return { traceId, spanId };
}

export function findTraceIds(): { traceId: string; spanId: string } | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && trace.isSpanContextValid(span) ? formatTraceIds(span) : undefined;
}
