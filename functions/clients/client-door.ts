// The API's door: lets in who shows the key, who signed in and has the role, and on an open machine its own programs and pages.
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../../shared/errors.ts';
import { type ReadHeader, refuseForeignPage, refuseOtherThanJson } from '../../shared/foreign-page.ts';
import { isSameSecret } from '../../shared/same-secret.ts';
import { type Client, mayDo, type Role } from './client.ts';
import { parsePrincipal, principalHeader } from './principal.ts';

export interface ClientDoorOptions {
  /** Without it, and without sign-in, only programs and pages of this machine are let in. */
  readonly apiKey: string | undefined;
  /** Everybody may reach us: who shows nothing is nobody. */
  readonly isOnAzure: boolean;
  /** App Service signs people in before us, and takes its header from everybody else. */
  readonly hasSignIn: boolean;
  /** The origin of the console itself. */
  readonly publicUrl: string;
  /** Whose pages may use the API too. */
  readonly corsOrigins: readonly string[];
}

export class ClientDoor {
  readonly #options: ClientDoorOptions;

  constructor(options: ClientDoorOptions) {
    this.#options = options;
  }

  /** Throws UNAUTHENTICATED, FORBIDDEN or UNSUPPORTED_MEDIA_TYPE. */
  admit(request: HttpRequest, wanted: Role): Client {
    const client = this.#identify(request);
    if (!mayDo(client, wanted)) throw new AppError('FORBIDDEN', `only who has the role ${wanted} may do this`);
    return client;
  }

  /** Of an answer to a page from elsewhere that may read it; nothing for everybody else. */
  corsHeaders(request: HttpRequest): Record<string, string> {
    const origin = request.headers.get('origin');
    if (origin === null || !this.#options.corsOrigins.includes(origin)) return {};
    return {
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'content-type, x-functions-key',
      'access-control-allow-methods': 'GET, POST',
      'access-control-max-age': '600',
      vary: 'origin',
    };
  }

  #identify(request: HttpRequest): Client {
    const { apiKey, hasSignIn, isOnAzure } = this.#options;
    // The header wins over the query, as Azure's host has it.
    const key = request.headers.get('x-functions-key') ?? request.query.get('code');
    if (apiKey !== undefined && key !== null) {
      if (!isSameSecret(key, apiKey)) throw new AppError('UNAUTHENTICATED', 'the API key is wrong');
      return { role: 'operator', name: 'API key' };
    }
    const principal = hasSignIn ? request.headers.get(principalHeader) : null;
    if (principal !== null) return this.#identifySignedIn(request, principal);
    if (apiKey !== undefined || hasSignIn || isOnAzure)
      throw new AppError('UNAUTHENTICATED', 'sign in, or show the API key in the header x-functions-key');
    return this.#identifyNeighbour(request);
  }

  /** A browser sends the cookie of who is signed in whatever page asks it to: only the console's own pages are believed. */
  #identifySignedIn(request: HttpRequest, header: string): Client {
    const principal = parsePrincipal(header);
    if (principal === 'unknown') throw new AppError('UNAUTHENTICATED', 'who is signed in is not known here');
    if (principal === 'no-role')
      throw new AppError('FORBIDDEN', 'who is signed in has none of the roles operator and viewer');
    const origin = request.headers.get('origin');
    const own = [new URL(this.#options.publicUrl).origin, new URL(request.url).origin];
    if (origin !== null ? !own.includes(origin) : request.headers.get('sec-fetch-site') === 'cross-site')
      throw new AppError('FORBIDDEN', 'a page from elsewhere may not act for who is signed in');
    if (request.method === 'POST') refuseOtherThanJson((name) => request.headers.get(name));
    return principal;
  }

  /** Nobody is asked for a key, so any page that somebody looks at could ask: only those of this machine are served. */
  #identifyNeighbour(request: HttpRequest): Client {
    const origin = request.headers.get('origin');
    const isListed = origin !== null && this.#options.corsOrigins.includes(origin);
    const hosts = [new URL(request.url).host, request.headers.get('host')].filter((host) => host !== null);
    // A host may tell the name that was asked for by one of the two only: each has to be this machine's.
    for (const host of hosts) {
      const read: ReadHeader = (name) => {
        // What a page of a listed origin sends is judged by its host alone.
        if (isListed && (name === 'origin' || name === 'sec-fetch-site')) return undefined;
        return name === 'host' ? host : request.headers.get(name);
      };
      refuseForeignPage(read);
    }
    if (request.method === 'POST') refuseOtherThanJson((name) => request.headers.get(name));
    return { role: 'operator', name: 'this machine' };
  }
}
