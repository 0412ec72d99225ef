// Turns a Node request into what the worker gets of it, and the worker's answer into a Node response.
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerCookie, HttpAnswer, InvocationRequest, NullableString } from './functions-core.ts';

/** The host's own default, FUNCTIONS_REQUEST_BODY_SIZE_LIMIT. */
export const bodyLimitBytes = 100 * 1024 * 1024;

/** Undefined when there is more than the host takes. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes) return undefined;
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > bodyLimitBytes) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** A quirk of the host that breaks clients on Azure, so it is kept here: without a Content-Length the function sees no body. */
export function losesItsBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] === undefined && headers['transfer-encoding'] !== undefined;
}

export function createHttpInvocation(
  triggerName: string,
  request: IncomingMessage,
  url: URL,
  params: Record<string, string>,
  body: Buffer,
): InvocationRequest {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value ?? '')]);
  const http = {
    method: request.method ?? 'GET',
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableParams: nullable(Object.entries(params)),
    nullableQuery: nullable(url.searchParams),
    body: body.length > 0 ? { bytes: body } : undefined,
  };
  return { inputData: [{ name: triggerName, data: { http } }], triggerMetadata: {}, traceContext: readTrace(request) };
}

export function readTrace(request: IncomingMessage): { traceParent: string } {
  const given = request.headers.traceparent;
  const fresh = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
  return { traceParent: typeof given === 'string' ? given : fresh };
}

export function writeAnswer(response: ServerResponse, answer: HttpAnswer | undefined): void {
  if (!answer) {
    response.writeHead(204).end();
    return;
  }
  response.statusCode = Number(answer.statusCode ?? 200);
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    // Several Set-Cookie headers in `headers` arrive as one on Azure; `cookies` is the way to send more.
    response.setHeader(name, value);
  }
  for (const cookie of answer.cookies ?? []) response.appendHeader('set-cookie', formatCookie(cookie));
  const body = answer.body?.bytes ?? answer.body?.string;
  const bodiless = [204, 205, 304].includes(response.statusCode) || response.req.method === 'HEAD';
  if (body === undefined || bodiless) response.end();
  else response.end(body);
}

function nullable(entries: Iterable<[string, string]>): Record<string, NullableString> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, { value }]));
}

function formatCookie(cookie: AnswerCookie): string {
  const { name, value, domain, path, expires, secure, httpOnly, sameSite, maxAge } = cookie;
  const sameSites = { lax: 'Lax', strict: 'Strict', explicitNone: 'None', none: undefined };
  const site = sameSites[sameSite ?? 'none'];
  return [
    `${name}=${encodeURIComponent(value)}`,
    maxAge && `Max-Age=${maxAge.value}`,
    domain && `Domain=${domain.value}`,
    `Path=${path?.value ?? '/'}`,
    expires && `Expires=${new Date(expires.value.seconds * 1000).toUTCString()}`,
    httpOnly?.value && 'HttpOnly',
    secure?.value && 'Secure',
    site && `SameSite=${site}`,
  ]
    .filter(Boolean)
    .join('; ');
}
