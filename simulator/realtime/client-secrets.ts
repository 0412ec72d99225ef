// Mints ephemeral keys as the GA service does: for a session that it would take, and for so long as it was asked to.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { validateClientEvent } from './client-event-check.ts';

export interface ClientSecretRules {
  readonly apiKey: string;
  readonly bearerToken: string | undefined;
  readonly deployments: readonly string[];
}

export interface MintedSecret {
  readonly value: string;
  readonly session: Record<string, unknown>;
  /** Unix time, ms. */
  readonly expiresAt: number;
}

const path = '/openai/v1/realtime/client_secrets';
const defaultSeconds = 7200;

export class ClientSecrets {
  readonly #rules: ClientSecretRules;
  readonly minted: MintedSecret[] = [];
  readonly #spent = new Set<string>();

  constructor(rules: ClientSecretRules) {
    this.#rules = rules;
  }

  /** False: the request is for something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '/', 'http://local');
    if (request.method !== 'POST' || url.pathname !== path) return false;
    void this.#mint(request, url, (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    return true;
  }

  /** For one session: the secret, or why it is none. */
  spend(value: string | undefined): MintedSecret | 'unknown_key' | 'expired_key' | 'used_key' {
    const secret = this.minted.find((one) => one.value === value);
    if (!secret) return 'unknown_key';
    if (this.#spent.has(secret.value)) return 'used_key';
    if (Date.now() >= secret.expiresAt) return 'expired_key';
    this.#spent.add(secret.value);
    return secret;
  }

  async #mint(request: IncomingMessage, url: URL, end: (status: number, body: object) => void): Promise<void> {
    const refuse = (status: number, code: string, message: string) => end(status, { error: { code, message } });
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const { apiKey, bearerToken, deployments } = this.#rules;
    const isBearer = bearerToken !== undefined && request.headers.authorization === `Bearer ${bearerToken}`;
    if (request.headers['api-key'] !== apiKey && !isBearer) return refuse(401, 'Unauthorized', 'Access denied.');
    if (url.searchParams.has('api-version'))
      return refuse(401, 'Unauthorized', 'The GA endpoint takes no api-version.');
    let body: { session?: Record<string, unknown>; expires_after?: { anchor?: string; seconds?: number } };
    try {
      body = JSON.parse(Buffer.concat(parts).toString());
    } catch {
      return refuse(400, 'BadRequest', 'The body is not JSON.');
    }
    const { model, ...session } = body.session ?? {};
    const wrong = validateClientEvent('realtime-ga', { type: 'session.update', session });
    if (wrong) return refuse(400, 'invalid_request_error', wrong);
    if (!deployments.includes(String(model))) return refuse(404, 'DeploymentNotFound', 'There is no such deployment.');
    const seconds = body.expires_after?.seconds ?? defaultSeconds;
    if (seconds < 10 || seconds > 7200) return refuse(400, 'invalid_value', 'expires_after.seconds: 10 to 7200.');
    const value = `ek_${randomBytes(16).toString('hex')}`;
    const expires_at = Math.floor(Date.now() / 1000) + seconds;
    this.minted.push({ value, session: { model, ...session }, expiresAt: expires_at * 1000 });
    end(200, { value, expires_at, session: { ...session, model, object: 'realtime.session', expires_at: 0 } });
  }
}
