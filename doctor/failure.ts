// What it means that somebody could not be reached or signed in with: in words, and what to do.
import { AppError } from '../shared/errors.ts';
import { problem, type Verdict } from './check.ts';

/** Causes of causes. */
const maxDepth = 5;

const certificate = (saw: string): [string, string] => [
  saw,
  'Carriers and services take no connection to it either. Give that address a certificate of a public authority for its name.',
];
const unsigned =
  'Sign in with `az login`, or on Azure give the app a managed identity (AZURE_CLIENT_ID for a user-assigned one), or set the key.';

/** By the codes of Node and of the libraries of Azure. */
const meanings: Readonly<Record<string, readonly [saw: string, advice: string]>> = {
  ENOTFOUND: [
    'there is no such host name',
    'Look for a slip of the pen in the address, or for a resource that was deleted.',
  ],
  EAI_AGAIN: ['names cannot be resolved from here', 'Look at this machine’s network and DNS.'],
  ECONNREFUSED: ['nothing listens at that address', 'Start what belongs there, or correct the port.'],
  ECONNRESET: ['the connection was cut', 'Look at firewalls and proxies in between, then try again.'],
  ENETUNREACH: ['there is no way to that address', 'Look at this machine’s network, and at private endpoints.'],
  EHOSTUNREACH: ['there is no way to that address', 'Look at this machine’s network, and at private endpoints.'],
  ETIMEDOUT: ['nobody answers', 'Look at firewalls: packets to that address are lost.'],
  UND_ERR_CONNECT_TIMEOUT: ['nobody answers', 'Look at firewalls: packets to that address are lost.'],
  CERT_HAS_EXPIRED: certificate('its certificate has expired'),
  ERR_TLS_CERT_ALTNAME_INVALID: certificate('its certificate is for another name'),
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate('its certificate is signed by itself'),
  SELF_SIGNED_CERT_IN_CHAIN: certificate('its certificate is signed by itself'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate('its certificate is of nobody we know'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate('its certificate is of nobody we know'),
  AggregateAuthenticationError: ['nobody is signed in here', unsigned],
  AuthenticationError: ['Entra ID refuses to sign in', unsigned],
  CredentialUnavailableError: ['nobody is signed in here', unsigned],
};

export function judgeFailure(error: unknown): Verdict {
  for (const cause of listCauses(error)) {
    const { code, name } = cause as { code?: unknown; name?: unknown };
    const meaning = meanings[String(code)] ?? meanings[String(name)];
    if (meaning) return problem(...(meaning as [string, string]));
  }
  if (listCauses(error).some(({ name }) => name === 'TimeoutError' || name === 'AbortError'))
    return problem('there is no answer in time', 'Look at firewalls, and whether it is starting or overloaded.');
  // Others' words may hold keys and numbers.
  const saw = error instanceof AppError ? error.message : `it failed (${(error as Error)?.name ?? typeof error})`;
  return problem(saw, 'Run it once more with LOG_LEVEL=debug in the part itself, and look at its log.');
}

/** Those of a failure that gathers others (all addresses of a host) too. */
function listCauses(error: unknown, depth = 0): readonly Error[] {
  if (!(error instanceof Error) || depth > maxDepth) return [];
  const gathered = error instanceof AggregateError ? error.errors : [];
  return [error, ...[...gathered, error.cause].flatMap((cause) => listCauses(cause, depth + 1))];
}
