// Signs in to Redis with Entra tokens, as Azure Managed Redis wants it, and anew before each of them ends, without a new connection.
import type { TokenCredential } from '@azure/identity';
import type { RedisClientOptions } from 'redis';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';

type Provider = Extract<RedisClientOptions['credentialsProvider'], { type: 'streaming-credentials-provider' }>;
type Listener = Parameters<Provider['subscribe']>[0];

const scope = 'https://redis.azure.com/.default';
/** The identity endpoint answers in some milliseconds; on a machine without one the search for others takes a second. */
const tokenTimeoutMs = 10_000;
/** Credentials give out a token again until five minutes before its end: sooner there is no other. */
const renewBeforeMs = 4 * 60_000;
const retryMs = 30_000;

interface SignIn {
  readonly auth: { readonly username: string; readonly password: string };
  readonly expiresAt: number;
}

/** Whether REDIS_URL leaves nothing else to sign in with: encrypted, and no password in it. */
export function wantsToken(url: string): boolean {
  const { protocol, password } = new URL(url);
  return protocol === 'rediss:' && password === '';
}

export function createEntraCredentials(credential: TokenCredential, log: Logger): Provider {
  const signIn = () =>
    within(
      tokenTimeoutMs,
      () => requestSignIn(credential),
      () => {
        throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: 'Entra gives no token' });
      },
    );
  return {
    type: 'streaming-credentials-provider',
    async subscribe(listener) {
      const first = await signIn();
      const renewal = new Renewal(signIn, first, listener, log);
      return [first.auth, { dispose: () => renewal.close() }];
    },
    onReAuthenticationError: () => log.error({}, 'Redis refuses a renewed Entra token'),
  };
}

/** Of one connection. A token that cannot be renewed is no end: Redis closes the connection, and the next one signs in anew. */
class Renewal {
  readonly #signIn: () => Promise<SignIn>;
  readonly #listener: Listener;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(signIn: () => Promise<SignIn>, first: SignIn, listener: Listener, log: Logger) {
    this.#signIn = signIn;
    this.#listener = listener;
    this.#log = log;
    this.#renewBefore(first.expiresAt);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #renewBefore(expiresAt: number): void {
    const leftMs = expiresAt - Date.now();
    // A token that lives no longer than that is renewed in the middle of its life.
    this.#renewIn(leftMs > 2 * renewBeforeMs ? leftMs - renewBeforeMs : Math.max(leftMs / 2, 0));
  }

  #renewIn(ms: number): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#renew(), ms);
    this.#timer.unref();
  }

  async #renew(): Promise<void> {
    try {
      const { auth, expiresAt } = await this.#signIn();
      if (this.#isClosed) return;
      this.#listener.onNext(auth);
      if (expiresAt > Date.now()) this.#renewBefore(expiresAt);
      else this.#renewIn(retryMs);
    } catch (error) {
      this.#log.warn({ error }, 'the Entra token for Redis could not be renewed');
      this.#renewIn(retryMs);
    }
  }
}

async function requestSignIn(credential: TokenCredential): Promise<SignIn> {
  const token = await credential.getToken(scope);
  if (!token) throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: 'Entra gives no token' });
  return { auth: { username: readObjectId(token.token), password: token.token }, expiresAt: token.expiresOnTimestamp };
}

/** Redis knows an identity by its object id, which stands in the token. */
function readObjectId(token: string): string {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { oid?: unknown };
    if (typeof claims.oid === 'string') return claims.oid;
  } catch {
    // Told below.
  }
  throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: 'the Entra token names no object id' });
}
