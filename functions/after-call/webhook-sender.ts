// One signed request to an agent's webhook. Who has the secret can tell that it is ours, and that it is of now.
import { createHmac } from 'node:crypto';

const timeoutMs = 10_000;

export interface WebhookRequest {
  readonly url: string;
  readonly secret: string;
  /** The same for each try: who was told already can leave it. */
  readonly deliveryId: string;
  readonly event: string;
  readonly body: object;
}

/** Undefined: there was no answer. */
export type WebhookAnswer = number | undefined;

/** `v1=` and the HMAC-SHA256, in hex, of the Unix time in seconds, a dot and the body as it is sent. */
export function signWebhook(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;
}

/** Never rejects. What is answered beside the status is not read. */
export async function sendWebhook({ url, secret, deliveryId, event, body }: WebhookRequest): Promise<WebhookAnswer> {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1000));
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Parley',
        'parley-event': event,
        'parley-delivery': deliveryId,
        'parley-timestamp': timestamp,
        'parley-signature': signWebhook(secret, timestamp, text),
      },
      body: text,
      // Whoever is told of a caller is whom the agent's file names, and nobody else.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
