// Ends the session that a page has with a realtime service by WebRTC, whether or not the page still can.
import OpenAI, { APIError } from 'openai';

/** Nobody is kept waiting by it. */
const timeoutMs = 5_000;
/** With pauses of half a second and more in between: what is not over then ends with the page, or by its age. */
const retries = 4;

export interface RealtimeHangUpSettings {
  /** https://<resource>.openai.azure.com */
  readonly endpoint: string;
  readonly apiKey?: string | undefined;
  /** Entra ID, where there is no key. */
  readonly getToken?: (() => Promise<string>) | undefined;
}

/** Resolves once the service took it, to false where it has no such session any more. Rejects with what it said last. */
export type HangUpDirect = (realtimeCallId: string) => Promise<boolean>;

export function createRealtimeHangUp({ endpoint, apiKey, getToken }: RealtimeHangUpSettings): HangUpDirect {
  const client = new OpenAI({
    baseURL: `${endpoint}/openai/v1/`,
    apiKey: getToken ?? apiKey ?? '',
    // A bearer is a token of Entra there.
    ...(apiKey !== undefined && { defaultHeaders: { 'api-key': apiKey, authorization: null } }),
    timeout: timeoutMs,
    maxRetries: retries,
    // It would write to the console, past our log and what that hides.
    logLevel: 'off',
  });
  return async (realtimeCallId) => {
    try {
      await client.realtime.calls.hangup(realtimeCallId);
      return true;
    } catch (error) {
      if (error instanceof APIError && (error.status === 404 || error.status === 410)) return false;
      throw error;
    }
  };
}
