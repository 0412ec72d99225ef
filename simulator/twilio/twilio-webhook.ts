// Asks the application: a signed form by POST, within 15 s, repeated only as far as Twilio repeats.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { findLocalUrl, signRequest, type TwilioContext } from './twilio-context.ts';

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const totalTimeoutMs = 15_000;
/** TwiML of more than that is refused (11750). */
const maxBodyBytes = 64 * 1024;

/** Rejects when there is no answer. The fragment may change how often it is tried: #rc=2&rp=ct,rt,5xx. */
export async function postWebhook(
  context: TwilioContext,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<WebhookAnswer> {
  const target = new URL(url);
  const overrides = new URLSearchParams(target.hash.slice(1));
  const retries = Math.min(Number(overrides.get('rc') ?? 1), 5);
  const policy = new Set((overrides.get('rp') ?? 'ct').split(','));
  const idempotencyToken = randomUUID();
  const deadline = AbortSignal.timeout(totalTimeoutMs);
  for (let attempt = 0; ; attempt++) {
    const mayRepeat = attempt < retries && !deadline.aborted;
    try {
      const answer = await post(context, target, form, idempotencyToken, deadline);
      const repeats = answer.status >= 500 && (policy.has('5xx') || policy.has('all'));
      if (!repeats || !mayRepeat) return answer;
    } catch (error) {
      const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
      if (!mayRepeat || !(refused ? policy.has('ct') || policy.has('all') : policy.has('rt'))) throw error;
    }
  }
}

function post(
  context: TwilioContext,
  target: URL,
  form: Readonly<Record<string, string>>,
  idempotencyToken: string,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const signed = `${target.origin}${target.pathname}${target.search}`;
  const token = context.faults.webhooks.forge ? 'not the token' : context.authToken;
  const body = new URLSearchParams(form).toString();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      findLocalUrl(context, target),
      {
        method: 'POST',
        signal,
        headers: {
          Host: target.host,
          'User-Agent': 'TwilioProxy/1.1',
          Accept: '*/*',
          'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
          'Content-Length': Buffer.byteLength(body),
          'I-Twilio-Idempotency-Token': idempotencyToken,
          'X-Twilio-Signature': signRequest(token, signed, form),
        },
      },
      async (response) => {
        try {
          const parts: Buffer[] = [];
          let bytes = 0;
          for await (const part of response as AsyncIterable<Buffer>) {
            bytes += part.length;
            if (bytes > maxBodyBytes) throw new Error('the answer is larger than 64 kB');
            parts.push(part);
          }
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(parts).toString(),
          });
        } catch (error) {
          reject(error);
        }
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
