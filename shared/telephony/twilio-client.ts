// Makes the client of Twilio's REST API.
import twilio from 'twilio';
import type { Config } from '../config.ts';

/** Its own 30 s would outlive the patience of whoever waits for the call. */
const timeoutMs = 10_000;

/** Undefined when Twilio is not set up. */
export function createTwilioClient(config: Config): twilio.Twilio | undefined {
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_URL } = config;
  if (TWILIO_ACCOUNT_SID === undefined || TWILIO_AUTH_TOKEN === undefined) return undefined;
  // autoRetry repeats 429 only, which Twilio has not carried out.
  const client = twilio(TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, { timeout: timeoutMs, autoRetry: true, maxRetries: 2 });
  if (TWILIO_API_URL !== undefined) client.api.baseUrl = TWILIO_API_URL;
  return client;
}
