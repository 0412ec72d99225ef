// Makes the Call Automation client: by connection string, or by endpoint and managed identity.
import { CallAutomationClient } from '@azure/communication-call-automation';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { AzureCredential } from '../azure-credential.ts';
import { type Config, findAcsEndpoint } from '../config.ts';
import { rememberAttempts } from './acs-attempts.ts';

/**
 * A caller hears ringing for 30 s, of which Event Grid, a cold start and its retries take their share: the SDK's own
 * three tries with up to 64 s between them would outlive the caller.
 */
const retryOptions = { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 1500 };

/** Undefined when no setting names an ACS resource. */
export function createAcsClient(config: Config): CallAutomationClient | undefined {
  const endpoint = findAcsEndpoint(config);
  if (endpoint === undefined) return undefined;
  // Config lets plain http through for this machine only.
  const isLocal = endpoint.startsWith('http://');
  const options = {
    retryOptions,
    additionalPolicies: [{ policy: rememberAttempts, position: 'perRetry' as const }],
    allowInsecureConnection: isLocal,
    ...(isLocal && { httpClient: createLocalHttpClient(endpoint) }),
  };
  return config.ACS_CONNECTION_STRING === undefined
    ? new CallAutomationClient(endpoint, new AzureCredential(), options)
    : new CallAutomationClient(config.ACS_CONNECTION_STRING, options);
}

/** A stand-in names the storage of recordings as ACS does, which the SDK insists on, and serves it itself. */
function createLocalHttpClient(endpoint: string): HttpClient {
  const client = createDefaultHttpClient();
  return {
    sendRequest(request) {
      const url = new URL(request.url);
      if (url.hostname.endsWith('.asm.skype.com')) {
        request.url = `${endpoint}${url.pathname}`;
        request.allowInsecureConnection = true;
      }
      return client.sendRequest(request);
    },
  };
}
