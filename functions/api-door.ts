// Guards the hooks that want the host's key where no host asks for one: on a developer's machine, and behind a tunnel to it.
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../shared/errors.ts';
import { refuseForeignPage, refuseOtherThanJson } from '../shared/foreign-page.ts';
import { isSameSecret } from '../shared/same-secret.ts';
import type { RouteHandler } from './route-handler.ts';

export interface ApiDoorOptions {
  /** Azure's host lets nobody through to such a route without one of its own keys, which we do not know. */
  readonly isOnAzure: boolean;
  readonly apiKey: string | undefined;
}

/**
 * Core Tools ask for no key, so any web page could place calls: also under a name that it has made to point to this machine, and
 * also with a key that it made up.
 */
export function createApiDoor({ isOnAzure, apiKey }: ApiDoorOptions): (handle: RouteHandler) => RouteHandler {
  if (isOnAzure) return (handle) => handle;
  const admit = apiKey === undefined ? admitProgram : (request: HttpRequest) => admitKey(request, apiKey);
  return (handle) => async (request) => {
    admit(request);
    return handle(request);
  };
}

/** Throws UNAUTHENTICATED. The header wins over the query, as on Azure. */
function admitKey({ headers, query }: HttpRequest, apiKey: string): void {
  if (!isSameSecret(headers.get('x-functions-key') ?? query.get('code') ?? '', apiKey))
    throw new AppError('UNAUTHENTICATED', 'the API key is missing or wrong');
}

/** Throws FORBIDDEN and UNSUPPORTED_MEDIA_TYPE. */
function admitProgram(request: HttpRequest): void {
  const read = (name: string) => request.headers.get(name);
  refuseForeignPage(read);
  // Whichever of the two tells the name that was asked for.
  refuseForeignPage((name) => (name === 'host' ? new URL(request.url).host : read(name)));
  if (request.method === 'POST') refuseOtherThanJson(read);
}
