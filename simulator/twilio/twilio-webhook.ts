// Asks the application: a signed form by POST, in Twilio's time limits, repeated as Twilio repeats and as the URL's fragment wants it.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { findLocalUrl, signRequest, type TwilioContext } from './twilio-context.ts';

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What the fragment may set: #ct=2000&rt=5000&tt=10000&rc=2&rp=ct,rt,5xx. It is neither sent nor signed. */
interface Overrides {
  readonly connectWithinMs: number;
  readonly readWithinMs: number;
  readonly totalWithinMs: number;
  readonly retries: number;
  readonly repeatsOn: (reason: Reason) => boolean;
}

type Reason = 'ct' | 'rt' | '4xx' | '5xx';

class NoAnswer extends Error {
  readonly reason: 'ct' | 'rt';

  constructor(reason: 'ct' | 'rt', message: string) {
    super(message);
    this.reason = reason;
  }
}

/** TwiML of more than that is refused (11750). */
const maxBodyBytes = 64 * 1024;

function readOverrides(hash: string): Overrides {
  const fields = new URLSearchParams(hash.slice(1));
  const read = (name: string, least: number, most: number, otherwise: number) => {
    const value = Number(fields.get(name) ?? otherwise);
    return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : otherwise;
  };
  const policy = new Set((fields.get('rp') ?? 'ct').split(','));
  return {
    connectWithinMs: read('ct', 100, 10_000, 5_000),
    readWithinMs: read('rt', 100, 15_000, 15_000),
    totalWithinMs: read('tt', 100, 15_000, 15_000),
    retries: read('rc', 0, 5, 1),
    repeatsOn: (reason) => policy.has(reason) || policy.has('all'),
  };
}

/** Rejects when there is no answer. */
export async function postWebhook(
  context: TwilioContext,
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<WebhookAnswer> {
  const target = new URL(url);
  const overrides = readOverrides(target.hash);
  const idempotencyToken = randomUUID();
  const deadline = AbortSignal.any([AbortSignal.timeout(overrides.totalWithinMs), context.signal]);
  for (let attempt = 0; ; attempt++) {
    const mayRepeat = attempt < overrides.retries && !deadline.aborted;
    try {
      const answer = await post(context, target, form, idempotencyToken, overrides, deadline);
      const reason = answer.status >= 500 ? '5xx' : answer.status >= 400 ? '4xx' : undefined;
      if (!mayRepeat || reason === undefined || !overrides.repeatsOn(reason)) return answer;
    } catch (error) {
      if (!mayRepeat || !(error instanceof NoAnswer) || !overrides.repeatsOn(error.reason)) throw error;
    }
  }
}

function post(
  context: TwilioContext,
  target: URL,
  form: Readonly<Record<string, string>>,
  idempotencyToken: string,
  { connectWithinMs, readWithinMs }: Overrides,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const { forge, claim, alter } = context.faults.webhooks;
  const told = readForm(alter(JSON.stringify({ ...form, ...claim })));
  const body = new URLSearchParams(told).toString();
  const signed = `${target.origin}${target.pathname}${target.search}`;
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const outgoing = request(
      findLocalUrl(context, target),
      {
        method: 'POST',
        agent: false,
        signal,
        headers: {
          Host: target.host,
          'User-Agent': 'TwilioProxy/1.1',
          Accept: '*/*',
          'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
          'Content-Length': Buffer.byteLength(body),
          'I-Twilio-Idempotency-Token': idempotencyToken,
          'X-Twilio-Signature': signRequest(forge ? 'not the token' : context.authToken, signed, told),
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
    const giveUp = () => outgoing.destroy(new Error(isConnected ? 'no answer in time' : 'no connection in time'));
    let timer = setTimeout(giveUp, connectWithinMs);
    outgoing.once('socket', (socket) =>
      socket.once('connect', () => {
        isConnected = true;
        clearTimeout(timer);
        timer = setTimeout(giveUp, readWithinMs);
      }),
    );
    outgoing.on('error', (error) => reject(new NoAnswer(isConnected ? 'rt' : 'ct', error.message)));
    outgoing.on('close', () => clearTimeout(timer));
    outgoing.end(body);
  });
}

/** A form knows text alone. */
function readForm(text: string): Record<string, string> {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return {};
  }
  const entries = Object.entries(Object(fields) as object);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
