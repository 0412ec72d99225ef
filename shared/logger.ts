// The logger: one JSON line an event, a static message with fields; what a person said or dialled only below `pii`.
import { pino } from 'pino';

export type Logger = Pick<pino.Logger, 'trace' | 'debug' | 'info' | 'warn' | 'error'> & {
  child(fields: Record<string, unknown>): Logger;
};

export interface LoggerOptions {
  readonly level: string;
  /** Off by default: words, numbers and digits of people are then replaced in every line. */
  readonly showPii: boolean;
  readonly service: string;
}

/** Redaction knows no "at any depth": deeper than this nobody nests fields. */
const piiPaths = ['pii', '*.pii', '*.*.pii', '*.*.*.pii'];

export function createLogger({ level, showPii, service }: LoggerOptions): Logger {
  return pino({
    level,
    base: { service },
    messageKey: 'message',
    errorKey: 'error',
    redact: { paths: showPii ? [] : piiPaths, censor: '[hidden]' },
  });
}

export const silentLogger: Logger = pino({ level: 'silent' });
