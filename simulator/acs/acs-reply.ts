// What the API answers: a status with a body, or an error in the shape that Azure gives its errors.

export interface AcsReply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Thrown by handlers, sent as `{"error":{"code","message"}}`. */
export class AcsApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(error: { readonly status: number; readonly code: string; readonly message: string }) {
    super(error.message);
    this.name = 'AcsApiError';
    this.status = error.status;
    this.code = error.code;
  }

  get reply(): AcsReply {
    return { status: this.status, body: { error: { code: this.code, message: this.message } } };
  }
}

export function badRequest(message: string): AcsApiError {
  return new AcsApiError({ status: 400, code: '8523', message });
}
