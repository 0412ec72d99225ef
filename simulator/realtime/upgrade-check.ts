// Decides on an upgrade request: which service and model it is for, or the HTTP status it is refused with.
import type { IncomingHttpHeaders } from 'node:http';
import type { DialectName } from './dialect.ts';

export interface UpgradeRules {
  readonly apiKey: string;
  /** Stand-in for Entra ID: the one token that is accepted. */
  readonly bearerToken: string | undefined;
  readonly deployments: readonly string[];
  readonly voiceLiveModels: readonly string[];
}

export type UpgradeDecision =
  | { readonly dialect: DialectName; readonly model: string }
  /** Beside the page of a WebRTC call. */
  | { readonly sidebandOf: string }
  | { readonly status: number; readonly code: string; readonly message: string };

const paths: Readonly<Record<string, DialectName>> = {
  '/openai/v1/realtime': 'realtime-ga',
  '/voice-live/realtime': 'voice-live',
};

export function decideUpgrade(url: URL, headers: IncomingHttpHeaders, rules: UpgradeRules): UpgradeDecision {
  const query = url.searchParams;
  const dialect = paths[url.pathname];
  if (!dialect) return refuse(404, '404', 'Resource not found');
  if (!isAuthorized(query, headers, rules)) {
    const message = 'Access denied due to invalid subscription key or wrong API endpoint.';
    return refuse(401, 'Unauthorized', message);
  }
  const model = query.get('model');
  if (dialect === 'realtime-ga') {
    if (query.has('api-version')) return refuse(401, 'Unauthorized', 'The GA endpoint takes no api-version.');
    if (headers['openai-beta'] !== undefined) {
      return refuse(400, 'BadRequest', 'The GA endpoint takes no OpenAI-Beta header.');
    }
    const callId = query.get('call_id');
    if (callId !== null) {
      return model ? refuse(400, 'BadRequest', "'call_id' comes in place of 'model'.") : { sidebandOf: callId };
    }
    if (!model) return refuse(400, 'BadRequest', "Missing required query parameter: 'model'.");
    if (!rules.deployments.includes(model)) {
      return refuse(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
    }
    return { dialect, model };
  }
  if (!/^(\d{4}-\d\d-\d\d(-preview)?|v1)$/.test(query.get('api-version') ?? '')) {
    return refuse(400, 'BadRequest', "Missing or unsupported query parameter: 'api-version'.");
  }
  if (!model) return refuse(400, 'BadRequest', "Missing required query parameter: 'model'.");
  if (!rules.voiceLiveModels.includes(model)) return refuse(400, 'BadRequest', `Model ${model} is not supported.`);
  return { dialect, model };
}

export function isAuthorized(
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
  rules: Pick<UpgradeRules, 'apiKey' | 'bearerToken'>,
): boolean {
  if ((headers['api-key'] ?? query.get('api-key')) === rules.apiKey) return true;
  const bearer = headers.authorization ?? query.get('Authorization') ?? '';
  return rules.bearerToken !== undefined && bearer === `Bearer ${rules.bearerToken}`;
}

function refuse(status: number, code: string, message: string): UpgradeDecision {
  return { status, code, message };
}
