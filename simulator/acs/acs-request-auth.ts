// Checks the HMAC signature of a request as Azure Communication Services does, and says why it refuses one.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** How far a request's date may be off. The service's own window is not documented. */
const clockWindowMs = 5 * 60_000;

export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as on the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Undefined: the request is genuine. */
export function refuseUnsigned(request: SignedRequest, accessKey: string, nowMs: number): string | undefined {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const authorization = header('authorization');
  if (!authorization) return 'The Authorization header is missing.';
  if (/^bearer /i.test(authorization)) return 'A bearer token is taken over TLS only; this endpoint speaks plain HTTP.';
  const signature = /^HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=(\S+)$/.exec(
    authorization,
  )?.[1];
  if (!signature) return 'The Authorization header is not an HMAC-SHA256 over x-ms-date;host;x-ms-content-sha256.';

  const date = header('x-ms-date');
  const dateMs = Date.parse(date ?? '');
  if (Number.isNaN(dateMs)) return 'The x-ms-date header is missing or not a date.';
  if (Math.abs(nowMs - dateMs) > clockWindowMs) return 'The x-ms-date header is too far from the current time.';

  const contentHash = createHash('sha256').update(request.body).digest('base64');
  if (header('x-ms-content-sha256') !== contentHash) return 'x-ms-content-sha256 is not the hash of the body.';

  const toSign = `${request.method}\n${request.target}\n${date};${header('host')};${contentHash}`;
  const expected = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(toSign).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'The HMAC signature is wrong.';
  return undefined;
}
