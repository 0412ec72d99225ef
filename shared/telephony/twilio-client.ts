// Creates, changes and reads calls over Twilio's REST API: the three requests that we need of it.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { pause } from '../within.ts';

export const publicTwilioApiUrl = 'https://api.twilio.com';
/** For all tries together: whoever waits for the call waits no longer. */
const timeoutMs = 10_000;
/** Of a request that Twilio was too busy to carry out (429); any other may have rung a phone. */
const maxTries = 3;
const firstDelayMs = 100;

/** By Twilio's names; a field with several values is an array. */
export type TwilioForm = Readonly<Record<string, string | number | readonly string[]>>;

/** What Twilio answered instead of success. Its own words stay behind: they hold phone numbers. */
export class TwilioRefusal extends Error {
  readonly status: number;
  /** Twilio's own, where it gave one. */
  readonly code: number | undefined;

  constructor(status: number, code: number | undefined) {
    super(`Twilio answered ${status}${code === undefined ? '' : ` with code ${code}`}`);
    this.name = 'TwilioRefusal';
    this.status = status;
    this.code = code;
  }
}

const callSchema = z.object({ sid: z.string().min(1) });
const recordingsSchema = z.object({
  recordings: z.array(
    z.object({ sid: z.string(), status: z.string(), duration: z.string().nullish(), channels: z.number().nullish() }),
  ),
});
export type TwilioRecordingResource = z.output<typeof recordingsSchema>['recordings'][number];
const statusSchema = z.object({ status: z.string().min(1) });
const errorSchema = z.object({ code: z.number().optional() });

export interface TwilioClientOptions {
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiUrl?: string;
}

/** Rejects with a TwilioRefusal, or with what fetch rejects with when there is no answer. */
export class TwilioClient {
  readonly #callsUrl: string;
  readonly #recordingsUrl: string;
  readonly #authorization: string;

  constructor({ accountSid, authToken, apiUrl = publicTwilioApiUrl }: TwilioClientOptions) {
    this.#callsUrl = `${apiUrl}/2010-04-01/Accounts/${accountSid}/Calls`;
    this.#recordingsUrl = `${apiUrl}/2010-04-01/Accounts/${accountSid}/Recordings`;
    this.#authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  }

  /** Resolves to the call's SID. */
  async createCall(form: TwilioForm): Promise<string> {
    return callSchema.parse(await this.#request('POST', `${this.#callsUrl}.json`, form)).sid;
  }

  async updateCall(callSid: string, form: TwilioForm): Promise<void> {
    await this.#request('POST', this.#urlOf(callSid), form);
  }

  /** By Twilio's names. */
  async readStatus(callSid: string): Promise<string> {
    return statusSchema.parse(await this.#request('GET', this.#urlOf(callSid))).status;
  }

  /** Resolves to the recording's SID. */
  async createRecording(callSid: string, form: TwilioForm): Promise<string> {
    return callSchema.parse(await this.#request('POST', this.#urlOf(callSid, '/Recordings'), form)).sid;
  }

  async updateRecording(callSid: string, recordingSid: string, form: TwilioForm): Promise<void> {
    await this.#request('POST', this.#urlOf(callSid, `/Recordings/${encodeURIComponent(recordingSid)}`), form);
  }

  async listRecordings(callSid: string): Promise<readonly TwilioRecordingResource[]> {
    const url = `${this.#recordingsUrl}.json?CallSid=${encodeURIComponent(callSid)}`;
    return recordingsSchema.parse(await this.#request('GET', url)).recordings;
  }

  /** Both channels, as WAV. */
  async openRecording(recordingSid: string, signal: AbortSignal): Promise<Readable> {
    const url = `${this.#recordingsUrl}/${encodeURIComponent(recordingSid)}.wav?RequestedChannels=2`;
    const response = await fetch(url, { headers: { authorization: this.#authorization }, signal });
    if (response.ok && response.body) return Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await response.body?.cancel();
    throw new TwilioRefusal(response.status, undefined);
  }

  async deleteRecording(recordingSid: string): Promise<void> {
    await this.#request('DELETE', `${this.#recordingsUrl}/${encodeURIComponent(recordingSid)}.json`);
  }

  #urlOf(callSid: string, resource = ''): string {
    return `${this.#callsUrl}/${encodeURIComponent(callSid)}${resource}.json`;
  }

  async #request(method: 'GET' | 'POST' | 'DELETE', url: string, form?: TwilioForm): Promise<unknown> {
    const signal = AbortSignal.timeout(timeoutMs);
    const headers = { authorization: this.#authorization, accept: 'application/json' };
    const body = form && new URLSearchParams(Object.entries(form).flatMap(([name, value]) => listFields(name, value)));
    for (let tries = 1; ; tries++) {
      const response = await fetch(url, { method, headers, body, signal, redirect: 'manual' });
      const answer = parseJson(await response.text());
      if (response.ok) return answer;
      if (response.status !== 429 || tries === maxTries)
        throw new TwilioRefusal(response.status, errorSchema.safeParse(answer).data?.code);
      await pause(Math.random() * firstDelayMs * 2 ** tries, signal);
    }
  }
}

function listFields(name: string, value: TwilioForm[string]): [string, string][] {
  return [value].flat().map((item) => [name, String(item)]);
}

/** What stands between us and Twilio may answer with a page. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined when Twilio is not set up. */
export function createTwilioClient(config: Config): TwilioClient | undefined {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_API_URL: apiUrl } = config;
  if (accountSid === undefined || authToken === undefined) return undefined;
  return new TwilioClient({ accountSid, authToken, apiUrl });
}
