// Signs callbacks as ACS does, and publishes the keys on this machine: for tests.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export const acsIssuer = 'https://acscallautomation.communication.azure.com';
export const acsResourceId = '00000000-0000-4000-8000-0000000000ac';

export interface TokenChange {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresAt?: number;
  readonly forged?: boolean;
}

export interface AcsSigner {
  readonly openIdUrl: string;
  /** The whole header. */
  sign(change?: TokenChange): Promise<string>;
  /** From now on this cannot be read. */
  fail(what: 'configuration' | 'keys' | undefined): void;
  stop(): Promise<void>;
}

export async function startAcsSigner(): Promise<AcsSigner> {
  const own = await generateKeyPair('RS256', { extractable: true });
  const other = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(own.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  let failing: 'configuration' | 'keys' | undefined;
  const server = createServer((request, response) => {
    const configuration = { issuer: acsIssuer, jwks_uri: `${base()}/calling/keys` };
    const what = request.url === '/calling/keys' ? 'keys' : 'configuration';
    const body = what === 'keys' ? { keys: [key] } : configuration;
    response.writeHead(failing === what ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const base = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    openIdUrl: `${base()}/calling/.well-known/acsopenidconfiguration`,
    async sign({ issuer = acsIssuer, audience = acsResourceId, expiresAt, forged = false } = {}) {
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(expiresAt ?? '5m')
        .sign((forged ? other : own).privateKey);
      return `Bearer ${token}`;
    },
    fail: (what) => {
      failing = what;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
