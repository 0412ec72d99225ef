// Wraps the handler of a route: reads the body within bounds, and turns every error into {error: {code, message}}.
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import { isNestedWithin } from '../shared/nesting.ts';
import type { Client, Role } from './clients/client.ts';
import type { ClientDoor } from './clients/client-door.ts';

/** Event Grid's own limit for one delivery, and far more than Call Automation sends. */
export const webHookLimitBytes = 1024 * 1024;
/** A request of the API holds a number, some names and a context of 16 KiB at most. */
export const apiLimitBytes = 64 * 1024;

/** A context has half as many, and what carriers send has ten. */
const jsonLimitLevels = 64;

export type RouteHandler = (request: HttpRequest) => Promise<HttpResponseInit>;
/** Of a route that is served only to those who may. */
export type ClientHandler = (request: HttpRequest, client: Client) => Promise<HttpResponseInit>;

/** A function that throws would answer an empty 500, and with streaming on nothing at all: no error leaves this. */
export function createHttpHandler(
  handle: RouteHandler,
  log: Logger,
  addHeaders: (request: HttpRequest) => Record<string, string> = () => ({}),
): HttpHandler {
  return async (request, context) => {
    const answer = await attempt(handle, log, request, context);
    return { ...answer, headers: { ...answer.headers, ...addHeaders(request) } };
  };
}

async function attempt(
  handle: RouteHandler,
  log: Logger,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  try {
    return await handle(request);
  } catch (error) {
    const known = error instanceof AppError && error.status !== 500 ? error : undefined;
    const fields = { function: context.functionName, invocationId: context.invocationId, error };
    if (known && known.status < 500) log.info({ ...fields, error: undefined, code: known.code }, 'request refused');
    else log.error(fields, 'request failed');
    return formatErrorResponse(known);
  }
}

/** For a route of the API: the door decides who is served, and whose pages may read the answer, also that of a refusal. */
export function serveClients(handle: ClientHandler, wanted: Role, door: ClientDoor): RouteHandler {
  return async (request) => {
    // A page that may ask; one that may not gets an answer that allows nothing.
    if (request.method === 'OPTIONS') return { status: 204 };
    return handle(request, door.admit(request, wanted));
  };
}

/** What an unknown error says stays inside. */
export function formatErrorResponse(error: AppError | undefined, status = error?.status ?? 500): HttpResponseInit {
  const { code, message } = error ?? { code: 'INTERNAL', message: 'something went wrong on our side' };
  return { status, jsonBody: { error: { code, message } } };
}

/** Throws BODY_TOO_LARGE or BAD_REQUEST. */
export async function readJson(request: HttpRequest, limitBytes: number): Promise<unknown> {
  const tooLarge = () => new AppError('BODY_TOO_LARGE', { limitBytes });
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limitBytes) throw tooLarge();
  const value = parseJson(bytes);
  if (!isNestedWithin(value, jsonLimitLevels))
    throw new AppError('BAD_REQUEST', `the body has more than ${jsonLimitLevels} levels`);
  return value;
}

function parseJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new AppError('BAD_REQUEST', 'the body is not JSON');
  }
}
