// Keeps an invocation in the trace that the host says it belongs to: W3C's context of a request or of an event.
import type { PreInvocationContext } from '@azure/functions';
import { context } from '@opentelemetry/api';
import { parseTraceContext } from '../../shared/telemetry/trace-context.ts';

/** A hook: before each invocation, of whatever trigger. */
export function keepTrace(invocation: PreInvocationContext): void {
  const { functionHandler: handle, invocationContext } = invocation;
  const { traceParent, traceState } = invocationContext.traceContext ?? {};
  const traced = parseTraceContext(traceParent, traceState);
  invocation.functionHandler = (...given) => context.with(traced, () => handle(...given));
}
