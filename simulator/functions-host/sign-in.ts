// Stands in for App Service's sign-in: knows people by a cookie, and tells the app in a header who they are.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSameSecret } from '../../shared/same-secret.ts';

/** Somebody who may sign in, by a link that holds the code. */
export interface Person {
  readonly code: string;
  readonly name: string;
  readonly roles: readonly string[];
}

const cookieName = 'AppServiceAuthSession';
const principalHeaders = [
  'x-ms-client-principal',
  'x-ms-client-principal-id',
  'x-ms-client-principal-name',
  'x-ms-client-principal-idp',
];

export class SignIn {
  readonly #people: readonly Person[];
  readonly #sessions = new Map<string, Person>();

  constructor(people: readonly Person[]) {
    this.#people = people;
  }

  /** True: it was a request to sign in or out, and is answered. */
  answer(url: URL, response: ServerResponse): boolean {
    if (url.pathname === '/.auth/logout') {
      leave(response, `${cookieName}=; Path=/; Max-Age=0`, '/');
      return true;
    }
    if (url.pathname !== '/.auth/login/aad') return false;
    const code = url.searchParams.get('code') ?? '';
    const person = this.#people.find((one) => isSameSecret(code, one.code));
    if (!person) {
      const text = 'Nobody signs in at this machine but by the link that was printed when it started.\n';
      response.writeHead(401, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
      return true;
    }
    const session = randomBytes(18).toString('base64url');
    this.#sessions.set(session, person);
    leave(response, `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Lax`, '/');
    return true;
  }

  /** Nobody can say who they are by themselves. */
  stamp({ headers }: IncomingMessage): void {
    for (const name of principalHeaders) delete headers[name];
    const session = new RegExp(`(?:^|; *)${cookieName}=([^;]+)`).exec(headers.cookie ?? '')?.[1];
    const person = session === undefined ? undefined : this.#sessions.get(session);
    if (person) headers[principalHeaders[0]!] = formatPrincipal(person);
  }
}

function leave(response: ServerResponse, cookie: string, to: string): void {
  response.writeHead(302, { 'set-cookie': cookie, location: to, 'cache-control': 'no-store' }).end();
}

function formatPrincipal({ name, roles }: Person): string {
  const claims = [{ typ: 'preferred_username', val: name }, ...roles.map((val) => ({ typ: 'roles', val }))];
  const principal = { auth_typ: 'aad', claims, name_typ: 'preferred_username', role_typ: 'roles' };
  return Buffer.from(JSON.stringify(principal)).toString('base64');
}
