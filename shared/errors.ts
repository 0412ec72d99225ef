// The one error class and the whole catalogue of error codes: what each means, its HTTP status, and whether to try again.

interface ErrorKind {
  readonly status: number;
  readonly retryable: boolean;
}
const kind = (status: number, retryable = false): ErrorKind => ({ status, retryable });

export const errorCatalogue = {
  // Start-up
  BAD_SETTING: kind(500),
  NOT_CONFIGURED: kind(503),
  // What a client sends
  BAD_REQUEST: kind(400),
  BAD_NUMBER: kind(400),
  UNKNOWN_AGENT: kind(400),
  BODY_TOO_LARGE: kind(413),
  UNAUTHENTICATED: kind(401),
  FORBIDDEN: kind(403),
  CALL_NOT_FOUND: kind(404),
  CALL_ENDED: kind(410),
  CALL_IN_USE: kind(409),
  // The dial guard
  DIAL_NOT_ALLOWED: kind(403),
  DIAL_CAP_REACHED: kind(429, true),
  // The carrier
  CARRIER_REFUSED: kind(502),
  CARRIER_UNAVAILABLE: kind(502, true),
  /** It may have done what it was asked: to repeat it might ring a phone twice. */
  CARRIER_UNCERTAIN: kind(502),
  CALL_GONE: kind(410),
  // The voice model
  MODEL_REFUSED: kind(502),
  MODEL_THROTTLED: kind(429, true),
  MODEL_UNAVAILABLE: kind(502, true),
  MODEL_PROTOCOL: kind(502, true),
  MODEL_SESSION_EXPIRED: kind(502, true),
  // Our own stores
  STORE_UNAVAILABLE: kind(503, true),
  // The bridge
  BRIDGE_FULL: kind(503, true),
  BRIDGE_DRAINING: kind(503, true),
  // Tools
  UNKNOWN_TOOL: kind(404),
  TOOL_FAILED: kind(502, true),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;

  /** `message` is for a developer or an operator: it says what is wrong and what to do, and holds no personal data. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.status = errorCatalogue[code].status;
    this.retryable = errorCatalogue[code].retryable;
  }
}
