// Signs the JSON Web Tokens that come with callbacks and media sockets, and publishes the keys to check them.
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export const acsIssuer = 'https://acscallautomation.communication.azure.com';

/** How a token can be made worthless, to see that it is refused. */
export type TokenForgery = 'none' | 'no-token' | 'wrong-key' | 'wrong-audience' | 'wrong-issuer' | 'expired';

export interface AcsTokenIssuer {
  /** The value of an Authorization header; undefined for the forgery `no-token`. */
  authorize(lifetimeSeconds: number, forgery: TokenForgery): Promise<string | undefined>;
  readonly keys: { readonly keys: readonly JWK[] };
}

export async function openTokenIssuer(options: {
  readonly audience: string;
  readonly now: () => number;
}): Promise<AcsTokenIssuer> {
  const genuine = await generateKeyPair('RS256');
  // Made only when it is wanted: a pair costs some 50 ms.
  let stranger: ReturnType<typeof generateKeyPair> | undefined;
  const kid = 'acs-signing-key-1';
  const jwk = await exportJWK(genuine.publicKey);
  return {
    keys: { keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] },
    async authorize(lifetimeSeconds, forgery) {
      if (forgery === 'no-token') return undefined;
      const nowSeconds = Math.floor(options.now() / 1000);
      // An hour old: beyond any allowance for clocks that differ.
      const issuedAt = forgery === 'expired' ? nowSeconds - lifetimeSeconds - 3600 : nowSeconds;
      const { privateKey } = forgery === 'wrong-key' ? await (stranger ??= generateKeyPair('RS256')) : genuine;
      const token = await new SignJWT({})
        .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid })
        .setIssuer(forgery === 'wrong-issuer' ? 'https://issuer.example' : acsIssuer)
        .setAudience(forgery === 'wrong-audience' ? '00000000-0000-4000-8000-00000000dead' : options.audience)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(issuedAt + lifetimeSeconds)
        .sign(privateKey);
      return `Bearer ${token}`;
    },
  };
}
