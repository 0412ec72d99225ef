// Reads whom App Service signed in, from the header that it adds to each request.
// https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
import { z } from 'zod';
import { type Client, roles } from './client.ts';

export const principalHeader = 'x-ms-client-principal';

/** An app's roles of Entra come under either name, by the version of its tokens. */
const roleClaims = new Set(['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role']);
const nameClaims = ['preferred_username', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn', 'name'];
const maxHeaderCharacters = 64 * 1024;

const principalSchema = z.object({
  auth_typ: z.literal('aad'),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
});

/** `unknown`: somebody whom the header does not tell in a way that we know. `no-role`: somebody who may do nothing here. */
export type Principal = Client | 'unknown' | 'no-role';

/** Total: whatever the header holds, nobody gets a role who does not have it. */
export function parsePrincipal(header: string): Principal {
  const parsed = principalSchema.safeParse(decode(header));
  if (!parsed.success) return 'unknown';
  const { claims } = parsed.data;
  const given = new Set(claims.filter(({ typ }) => roleClaims.has(typ)).map(({ val }) => val.toLowerCase()));
  const role = roles.findLast((known) => given.has(known));
  const name = nameClaims.flatMap((wanted) => claims.find(({ typ }) => typ === wanted)?.val ?? [])[0];
  if (!name) return 'unknown';
  return role === undefined ? 'no-role' : { role, name: name.slice(0, 256) };
}

function decode(header: string): unknown {
  try {
    if (header.length > maxHeaderCharacters) return undefined;
    return JSON.parse(Buffer.from(header, 'base64').toString());
  } catch {
    return undefined;
  }
}
