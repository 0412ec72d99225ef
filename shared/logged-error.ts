// An error as a log may show it: what it is and where it came from, and of its words only those that are ours.
import { AppError } from './errors.ts';
import { formatServiceCode, formatServiceWord } from './service-word.ts';

/** Causes of causes; what refers to itself ends too. */
const maxDepth = 5;
/** Of an error that gathers others. */
const maxGathered = 3;

export interface LoggedError {
  readonly type: string;
  /** Only of our own errors, which hold nothing personal. */
  readonly message?: string;
  readonly code?: string | number;
  readonly status?: number;
  /** Where it was made, without what it says. */
  readonly stack?: string;
  readonly cause?: LoggedError;
  readonly errors?: readonly LoggedError[];
  /** What others say: their words may hold numbers, words of callers, keys. */
  readonly pii?: { readonly message: string };
}

export function formatError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, pii: { message: String(error) } };
  const { code, status, statusCode } = error as { code?: unknown; status?: unknown; statusCode?: unknown };
  const isOurs = error instanceof AppError;
  const mayGoOn = depth < maxDepth;
  return {
    type: formatServiceWord(error.name),
    ...(isOurs ? { message: error.message } : {}),
    ...(typeof code === 'number' || typeof code === 'string' ? { code: formatServiceCode(code) } : {}),
    ...withStatus(status ?? statusCode),
    ...withStack(error),
    ...(error.cause !== undefined && mayGoOn ? { cause: formatError(error.cause, depth + 1) } : {}),
    ...(error instanceof AggregateError && mayGoOn
      ? { errors: error.errors.slice(0, maxGathered).map((part) => formatError(part, depth + 1)) }
      : {}),
    ...(isOurs ? {} : { pii: { message: error.message } }),
  };
}

function withStatus(status: unknown): { status?: number } {
  return typeof status === 'number' ? { status } : {};
}

function withStack({ stack = '' }: Error): { stack?: string } {
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  return frames.length > 0 ? { stack: frames.join('\n') } : {};
}

/** For a process that does not start, on its standard error: there may be no logger yet. */
export function formatStartError(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const { type, code, stack = '' } = formatError(error);
  return `It could not start: ${type}${code === undefined ? '' : ` (${code})`}\n${stack}`;
}
