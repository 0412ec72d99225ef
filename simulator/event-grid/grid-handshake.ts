// The proof of ownership that Event Grid asks of an endpoint before it sends anything there.
import { randomUUID } from 'node:crypto';
import { formatDelivery } from './grid-event.ts';
import type { Subscription } from './subscription.ts';

/** Who asks, in the CloudEvents handshake. */
const origin = 'eventgrid.azure.net';
/** The real one gives an endpoint 30 s to answer. */
const answerWithinMs = 30_000;

/** Throws an Error that says what the endpoint did wrong. */
export async function shakeHands(subscription: Subscription, topic: string): Promise<void> {
  // A functions trigger knows no OPTIONS: its extension answers the validation event in both schemas.
  if (subscription.schema === 'cloudevents' && subscription.kind === 'webhook') await askForOrigin(subscription.url);
  else await askForCode(subscription, topic);
}

async function askForOrigin(url: string): Promise<void> {
  const response = await fetch(url, {
    method: 'OPTIONS',
    headers: { 'WebHook-Request-Origin': origin, 'WebHook-Request-Rate': '120' },
    signal: AbortSignal.timeout(answerWithinMs),
  });
  await response.arrayBuffer();
  const allowed = response.headers.get('webhook-allowed-origin');
  if (response.status !== 200 || (allowed !== '*' && allowed !== origin))
    throw new Error(
      `CloudEvents handshake failed: OPTIONS must be answered with 200 and WebHook-Allowed-Origin: ${origin} or *, ` +
        `got ${response.status} and ${allowed ?? 'no such header'}`,
    );
}

async function askForCode(subscription: Subscription, topic: string): Promise<void> {
  const validationCode = randomUUID();
  const { body, contentType } = formatDelivery(
    [
      {
        id: randomUUID(),
        topic,
        subject: '',
        type: 'Microsoft.EventGrid.SubscriptionValidationEvent',
        time: new Date().toISOString(),
        data: {
          validationCode,
          validationUrl: `https://${origin}:553/eventsubscriptions/validate?id=${validationCode}`,
        },
      },
    ],
    'eventgrid',
  );
  const response = await fetch(subscription.url, {
    method: 'POST',
    headers: {
      'content-type': contentType,
      'aeg-event-type': 'SubscriptionValidation',
      'aeg-subscription-name': subscription.name.toUpperCase(),
      'aeg-delivery-count': '0',
      'aeg-data-version': '1',
      'aeg-metadata-version': '1',
    },
    body,
    signal: AbortSignal.timeout(answerWithinMs),
  });
  const text = await response.text();
  // 202 is a success for events, but not for the handshake.
  if (response.status !== 200)
    throw new Error(
      `Event Grid handshake failed: the validation event must be answered with 200, got ${response.status}`,
    );
  let answered: unknown;
  try {
    answered = (JSON.parse(text) as { validationResponse?: unknown } | null)?.validationResponse;
  } catch {
    throw new Error('Event Grid handshake failed: the answer to the validation event is not JSON');
  }
  if (answered !== validationCode)
    throw new Error('Event Grid handshake failed: validationResponse is not the validationCode that was sent');
}
