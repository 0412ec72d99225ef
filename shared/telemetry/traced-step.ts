// One step of a call as a span, which whatever happens in it belongs to.
import { SpanStatusCode, trace } from '@opentelemetry/api';
import type { CallId } from '../call/call.ts';
import { AppError } from '../errors.ts';
import { attributeNames, scopeName, type spanNames } from './names.ts';

/** Settles as `work` does. */
export function traceStep<Value>(
  name: (typeof spanNames)[keyof typeof spanNames],
  callId: CallId,
  work: () => Promise<Value>,
): Promise<Value> {
  const attributes = { [attributeNames.callId]: callId };
  return trace.getTracer(scopeName).startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      // The log tells what it was.
      const code = error instanceof AppError ? error.code : 'INTERNAL';
      span.setAttribute(attributeNames.error, code).setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
