// The one error class and the whole catalogue of error codes: what each means, its HTTP status, and whether to try again.

interface ErrorKind<Template extends string = string> {
  readonly status: number;
  /** With the names of its fields in braces. */
  readonly template: Template;
  readonly retryable: boolean;
}

function kind<const Template extends string>(
  status: number,
  template: Template,
  { retryable = false } = {},
): ErrorKind<Template> {
  return { status, template, retryable };
}
const retryable = { retryable: true };

export const errorCatalogue = {
  // Start-up
  BAD_SETTING: kind(500, '{problem}'),
  NOT_CONFIGURED: kind(503, '{what} is not configured here'),
  // What a client sends
  BAD_REQUEST: kind(400, '{problem}'),
  BAD_NUMBER: kind(400, '{problem}'),
  UNKNOWN_AGENT: kind(400, 'there is no agent "{agent}"'),
  BODY_TOO_LARGE: kind(413, 'the body is larger than {limitBytes} bytes'),
  UNSUPPORTED_MEDIA_TYPE: kind(415, 'the body must be application/json'),
  UNAUTHENTICATED: kind(401, '{problem}'),
  FORBIDDEN: kind(403, '{problem}'),
  NOT_FOUND: kind(404, '{problem}'),
  CALL_NOT_FOUND: kind(404, 'there is no such call'),
  CALL_ENDED: kind(410, 'the call is over'),
  CALL_IN_USE: kind(409, '{problem}'),
  TOO_MANY_REQUESTS: kind(429, '{problem}', retryable),
  // The dial guard
  DIAL_NOT_ALLOWED: kind(403, '{rule}'),
  DIAL_CAP_REACHED: kind(429, '{rule}', retryable),
  // The carrier
  CARRIER_REFUSED: kind(502, '{carrier} refused to {action} ({answer})'),
  CARRIER_UNAVAILABLE: kind(502, '{carrier} could not {action} now ({answer})', retryable),
  CARRIER_UNREACHABLE: kind(502, '{carrier} could not be asked to {action} ({answer})', retryable),
  /** It may have done what it was asked: to repeat it might ring a phone twice. */
  CARRIER_UNCERTAIN: kind(502, '{carrier} did not say whether it dials ({answer})'),
  CALL_GONE: kind(410, '{carrier} could not {action}: the call is over ({answer})'),
  // The voice model
  MODEL_REFUSED: kind(502, '{service} refuses our key or identity'),
  MODEL_THROTTLED: kind(429, '{service} is over its quota', retryable),
  MODEL_UNAVAILABLE: kind(502, '{service} cannot be reached', retryable),
  MODEL_SILENT: kind(504, '{service} has owed a reply for too long', retryable),
  MODEL_PROTOCOL: kind(502, '{problem}', retryable),
  MODEL_SESSION_EXPIRED: kind(502, 'the session of {service} has reached its age limit', retryable),
  // Our own stores
  STORE_UNAVAILABLE: kind(503, '{store} is unavailable: {problem}', retryable),
  // The bridge
  BRIDGE_FULL: kind(503, 'this replica holds as many calls as it may (MAX_CALLS)', retryable),
  BRIDGE_DRAINING: kind(503, 'this replica takes no new calls', retryable),
  // Tools
  UNKNOWN_TOOL: kind(404, 'there is no tool named {name}; there are: {known}'),
  TOOL_FAILED: kind(502, '{problem}', retryable),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

type FieldName<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | FieldName<Rest>
  : never;
type Fields<Code extends ErrorCode> = FieldName<(typeof errorCatalogue)[Code]['template']>;
/** What fills the template. A sentence takes its place where there is more to say, and where it is a `{problem}` alone. */
type Detail<Code extends ErrorCode> = string | Readonly<Record<Fields<Code>, string | number>>;
type Arguments<Code extends ErrorCode> = [Fields<Code>] extends [never]
  ? [detail?: Detail<Code>, options?: ErrorOptions]
  : [detail: Detail<Code>, options?: ErrorOptions];

export class AppError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;

  /** The message is for a developer or an operator: it says what is wrong and what to do, and holds no personal data. */
  constructor(code: Code, ...[detail, options]: Arguments<Code>) {
    const { template, status, retryable } = errorCatalogue[code];
    super(typeof detail === 'string' ? detail : fill(template, detail), options);
    this.name = 'AppError';
    this.code = code;
    this.status = status;
    this.retryable = retryable;
  }
}

function fill(template: string, fields: Readonly<Record<string, string | number>> = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => String(fields[name]));
}
