// Log lines as OpenTelemetry's records: traces in the portal, and an error as one exception.
import { type Context, context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { type LogAttributes, logs, SeverityNumber } from '@opentelemetry/api-logs';
import type { LogLine } from '../logger.ts';
import { attributeNames, scopeName } from './names.ts';

/** Pino's levels, from the finest. */
const severities = [
  [20, SeverityNumber.TRACE, 'TRACE'],
  [30, SeverityNumber.DEBUG, 'DEBUG'],
  [40, SeverityNumber.INFO, 'INFO'],
  [50, SeverityNumber.WARN, 'WARN'],
  [60, SeverityNumber.ERROR, 'ERROR'],
] as const;
const errorLevel = 50;

/** Of a line as it is written: what may not be told is hidden already. */
export function emitLogRecord({ level, message, fields }: LogLine): void {
  const { callId, traceId, spanId, error, code, pii, ...others } = fields;
  const [, severityNumber, severityText] = severities.find(([below]) => level < below) ?? [
    0,
    SeverityNumber.FATAL,
    'FATAL',
  ];
  logs.getLogger(scopeName).emit({
    severityNumber,
    severityText,
    body: message,
    context: readContext(traceId, spanId),
    attributes: {
      ...flatten(others),
      ...(callId === undefined ? {} : { [attributeNames.callId]: String(callId) }),
      ...(code === undefined ? {} : { [attributeNames.error]: String(code) }),
      ...(typeof pii === 'object' ? { pii: JSON.stringify(pii) } : {}),
      ...describeError(error, level, message),
    },
  });
}

/** An error that somebody is to look at is an exception; one that is only told of is a part of its line. */
function describeError(error: unknown, level: number, message: string): LogAttributes {
  // Nothing was thrown: what is wrong is what the line says.
  if (typeof error !== 'object' || error === null)
    return level < errorLevel
      ? {}
      : { 'exception.type': 'Error', 'exception.message': message, 'exception.stacktrace': `Error: ${message}` };
  const { type, code, stack, message: words } = error as Record<string, unknown>;
  const codes: LogAttributes = code === undefined ? {} : { [attributeNames.error]: String(code) };
  if (level < errorLevel) return { ...codes, error: JSON.stringify(error) };
  return {
    ...codes,
    'exception.type': String(type),
    'exception.message': words === undefined ? message : `${message}: ${words}`,
    'exception.stacktrace': `${type}\n${stack ?? ''}`,
  };
}

function flatten(fields: Readonly<Record<string, unknown>>): LogAttributes {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    told.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : (value as string | number)]),
  );
}

/** Of the call that the line belongs to, else of what is being done now. */
function readContext(traceId: unknown, spanId: unknown): Context {
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return context.active();
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}
