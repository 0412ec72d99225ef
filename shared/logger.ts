// The logger: one JSON line an event, a static message with fields; what a person said or dialled only below `pii`.
import { type DestinationStream, pino } from 'pino';
import { formatError } from './logged-error.ts';

export type Logger = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'> & {
  child(fields: Record<string, unknown>): Logger;
};

export interface LoggerOptions {
  readonly level: string;
  /** Off by default: words, numbers and digits of people are then replaced in every line. */
  readonly showPii: boolean;
  readonly service: string;
  /** The standard output, unless it is given. */
  readonly destination?: DestinationStream;
  /** Is told of each line that is written, with what may not be shown hidden already. It must not throw. */
  readonly onLine?: (line: LogLine) => void;
}

export interface LogLine {
  /** Pino's number: 30 is info, 50 an error. */
  readonly level: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Fields = Record<string, unknown>;

/** Deeper than this nobody nests fields, and what refers to itself ends here. */
const maxDepth = 8;

export function createLogger({ level, showPii, service, destination, onLine }: LoggerOptions): Logger {
  const clean = (fields: object) => cleanFields(fields as Fields, showPii, 0);
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    messageKey: 'message',
    errorKey: 'error',
    formatters: { log: clean },
    // Pino would write an error in its own way, with all that it holds.
    serializers: { error: (error: unknown) => error },
    hooks: {
      logMethod(args, method, number) {
        // Without a message of ours pino takes the error's.
        const [first, message] = args as unknown as [unknown, string | undefined];
        const isBare = first instanceof Error && message === undefined;
        const line = isBare ? ([{ error: first }, 'an error'] as typeof args) : args;
        method.apply(this, line);
        onLine?.(readLine(line, number, this.bindings(), clean));
      },
    },
  };
  const logger = destination ? pino(options, destination) : pino(options);
  const { child } = logger;
  // Pino formats what is logged, but not what a child is given once for all that it logs.
  return Object.assign(logger, {
    child(this: pino.Logger, fields: Fields): Logger {
      return child.call(this, clean(fields));
    },
  });
}

function readLine(
  args: readonly unknown[],
  level: number,
  bindings: Fields,
  clean: (fields: object) => Fields,
): LogLine {
  const [first, message] = args;
  if (typeof first === 'string') return { level, message: first, fields: bindings };
  const fields = first instanceof Error ? { error: first } : (first as object);
  return { level, message: String(message ?? ''), fields: { ...bindings, ...clean(fields) } };
}

export const silentLogger: Logger = pino({ level: 'silent' });

function cleanFields(fields: Fields, showPii: boolean, depth: number): Fields {
  const entries = Object.entries(fields).map(([name, value]) => {
    const isHidden = name === 'pii' && !showPii && value !== undefined;
    return [name, isHidden ? '[hidden]' : cleanValue(value, showPii, depth + 1)];
  });
  return Object.fromEntries(entries);
}

function cleanValue(value: unknown, showPii: boolean, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) return '[too deep]';
  if (value instanceof Error) return cleanFields({ ...formatError(value) }, showPii, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((item) => cleanValue(item, showPii, depth + 1));
  if ('toJSON' in value && typeof value.toJSON === 'function') return cleanValue(value.toJSON(), showPii, depth + 1);
  return cleanFields(value as Fields, showPii, depth);
}
