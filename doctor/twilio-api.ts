// Reads of our Twilio account what calls do not need: the account itself and its numbers.
import type { Config } from '../shared/config.ts';
import { publicTwilioApiUrl } from '../shared/telephony/twilio-client.ts';

export interface TwilioAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `path`: behind the account. Undefined: there is none. */
export async function askTwilio(config: Config, path: string, signal: AbortSignal): Promise<TwilioAnswer | undefined> {
  const { TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token, TWILIO_API_URL: apiUrl = publicTwilioApiUrl } = config;
  if (sid === undefined) return undefined;
  const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
  const response = await fetch(`${apiUrl}/2010-04-01/Accounts/${sid}${path}`, {
    headers: { authorization, accept: 'application/json' },
    redirect: 'manual',
    signal,
  });
  return { status: response.status, body: await response.json().catch(() => undefined) };
}
