// Checks the signed tokens by which ACS shows that a callback or a media socket really comes from it.
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import { AppError } from '../errors.ts';

const issuer = 'https://acscallautomation.communication.azure.com';
export const publicAcsOpenIdUrl = `${issuer}/calling/.well-known/acsopenidconfiguration`;
/** Clocks differ; the field uses two to five minutes. */
const clockTolerance = '5 minutes';
const openIdTimeoutMs = 5_000;

const openIdSchema = z.object({ jwks_uri: z.url() });
type KeySet = ReturnType<typeof createRemoteJWKSet>;

const keysUnreadable = { carrier: 'ACS', action: 'show its signing keys', answer: 'ACS_OPENID_URL' };

export interface AcsTokenVerifierOptions {
  readonly openIdUrl: string;
  /** The immutable resource id (a GUID). Without it the audience is not checked. */
  readonly resourceId?: string;
}

export class AcsTokenVerifier {
  readonly #options: AcsTokenVerifierOptions;
  #keys: Promise<KeySet> | undefined;

  constructor(options: AcsTokenVerifierOptions) {
    this.#options = options;
  }

  /** Throws UNAUTHENTICATED for a wrong or late token, CARRIER_UNAVAILABLE when ACS's keys cannot be had now. */
  async verify(authorization: string | null | undefined): Promise<JWTPayload> {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw new AppError('UNAUTHENTICATED', 'there is no bearer token of ACS');
    const keys = await this.#getKeys();
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ['RS256'],
        clockTolerance,
        requiredClaims: ['exp'],
      });
      if (!isFor(payload, this.#options.resourceId))
        throw new errors.JWTClaimValidationFailed('audience', payload, 'aud');
      return payload;
    } catch (cause) {
      // jose's plain error is a key set that did not come with 200.
      const code = cause instanceof errors.JOSEError ? cause.code : undefined;
      const keysMissing =
        code === undefined || ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'].includes(code);
      if (keysMissing) throw new AppError('CARRIER_UNAVAILABLE', keysUnreadable, { cause });
      throw new AppError('UNAUTHENTICATED', 'the token is not one of ACS for this resource', { cause });
    }
  }

  /** The key set is found once and refreshed by jose; a failed search is tried again by the next token. */
  #getKeys(): Promise<KeySet> {
    this.#keys ??= this.#findKeys().catch((cause) => {
      this.#keys = undefined;
      throw new AppError('CARRIER_UNAVAILABLE', keysUnreadable, { cause });
    });
    return this.#keys;
  }

  async #findKeys(): Promise<KeySet> {
    const response = await fetch(this.#options.openIdUrl, { signal: AbortSignal.timeout(openIdTimeoutMs) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { jwks_uri } = openIdSchema.parse(await response.json());
    return createRemoteJWKSet(new URL(jwks_uri));
  }
}

/** A GUID is the same in capitals, which is how the portal shows it. */
function isFor({ aud }: JWTPayload, resourceId: string | undefined): boolean {
  if (resourceId === undefined) return true;
  return [aud].flat().some((audience) => audience?.toLowerCase() === resourceId.toLowerCase());
}

/** For a stand-in of ACS on this machine the keys are where the stand-in is. */
export function findAcsOpenIdUrl(given: string | undefined, acsEndpoint: string | undefined): string {
  if (given) return given;
  const isLoopback = acsEndpoint !== undefined && new URL(acsEndpoint).protocol === 'http:';
  return isLoopback ? `${acsEndpoint}/calling/.well-known/acsopenidconfiguration` : publicAcsOpenIdUrl;
}
