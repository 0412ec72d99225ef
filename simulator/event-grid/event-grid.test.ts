// Tests of the Event Grid stand-in: handshakes, headers, retries, dead letters and unruly delivery.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createEventGrid, type EventGrid } from './event-grid.ts';

interface Seen {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function startEndpoint(answer: (seen: Seen, count: number) => Answer) {
  const seen: Seen[] = [];
  const waiting: { readonly count: number; readonly done: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const one = { method: request.method!, headers: request.headers, body: text ? JSON.parse(text) : undefined };
      seen.push(one);
      const { status, headers, body } = answer(one, seen.length);
      response.writeHead(status, headers).end(body);
      for (const wait of waiting) if (seen.length >= wait.count) wait.done();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    seen,
    reaches: (count: number) =>
      new Promise<void>((done) => {
        if (seen.length >= count) done();
        else waiting.push({ count, done });
      }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An endpoint that passes both handshakes and then answers events as told. */
function honest(answerEvent: (seen: Seen, count: number) => Answer) {
  return (seen: Seen, count: number): Answer => {
    if (seen.method === 'OPTIONS')
      return { status: 200, headers: { 'WebHook-Allowed-Origin': seen.headers['webhook-request-origin'] as string } };
    if (seen.headers['aeg-event-type'] === 'SubscriptionValidation') {
      const [event] = seen.body as [{ data: { validationCode: string } }];
      return { status: 200, body: JSON.stringify({ validationResponse: event.data.validationCode }) };
    }
    return answerEvent(seen, count);
  };
}

const ring = { type: 'Microsoft.Communication.IncomingCall', subject: '/caller/a/recipient/b', data: { n: 1 } };

describe('event grid', () => {
  let grid: EventGrid;
  let endpoint: Awaited<ReturnType<typeof startEndpoint>>;
  beforeEach(() => {
    grid = createEventGrid({ timeScale: 0.001 });
  });
  afterEach(() => {
    grid.stop();
    endpoint.stop();
  });

  it('validates an endpoint, then pushes an array of one event with the aeg headers', async () => {
    endpoint = await startEndpoint(honest(() => ({ status: 200 })));
    await grid.subscribe({ name: 'calls', url: endpoint.url, schema: 'eventgrid', kind: 'webhook' });
    const { id } = grid.publish(ring);
    await endpoint.reaches(2);
    const { headers, body } = endpoint.seen[1]!;
    assert.equal(headers['aeg-event-type'], 'Notification');
    assert.equal(headers['aeg-subscription-name'], 'CALLS');
    assert.equal(headers['aeg-delivery-count'], '0');
    assert.partialDeepStrictEqual(body, [
      { id, eventType: 'Microsoft.Communication.IncomingCall', subject: '/caller/a/recipient/b', data: { n: 1 } },
    ]);
  });

  it('asks a CloudEvents web hook by OPTIONS and sends a single object', async () => {
    endpoint = await startEndpoint(honest(() => ({ status: 204 })));
    await grid.subscribe({ url: endpoint.url, schema: 'cloudevents', kind: 'webhook' });
    grid.publish(ring);
    await endpoint.reaches(2);
    assert.equal(endpoint.seen[0]!.method, 'OPTIONS');
    assert.partialDeepStrictEqual(endpoint.seen[1]!.body as object, {
      type: ring.type,
      specversion: '1.0',
      data: { n: 1 },
    });
    assert.match(endpoint.seen[1]!.headers['content-type']!, /^application\/cloudevents\+json/);
  });

  it('asks a functions trigger by the validation event in either schema', async () => {
    endpoint = await startEndpoint(honest(() => ({ status: 202 })));
    await grid.subscribe({ url: endpoint.url, schema: 'cloudevents', kind: 'functions-trigger' });
    assert.equal(endpoint.seen[0]!.headers['aeg-event-type'], 'SubscriptionValidation');
  });

  it('refuses an endpoint that answers the validation with 202, a wrong code or no JSON', async () => {
    const answers: Answer[] = [
      { status: 202, body: '{}' },
      { status: 200, body: '{"validationResponse":"guess"}' },
      { status: 200, body: 'ok' },
    ];
    endpoint = await startEndpoint((_seen, count) => answers[count - 1]!);
    const subscribe = () => grid.subscribe({ url: endpoint.url, schema: 'eventgrid', kind: 'webhook' });
    await assert.rejects(subscribe(), /must be answered with 200, got 202/);
    await assert.rejects(subscribe(), /is not the validationCode/);
    await assert.rejects(subscribe(), /is not JSON/);
    grid.publish(ring);
    assert.equal(endpoint.seen.length, 3);
  });

  it('refuses a CloudEvents web hook that allows another origin', async () => {
    endpoint = await startEndpoint(() => ({ status: 200, headers: { 'WebHook-Allowed-Origin': 'example.com' } }));
    await assert.rejects(
      grid.subscribe({ url: endpoint.url, schema: 'cloudevents', kind: 'webhook' }),
      /WebHook-Allowed-Origin/,
    );
  });

  it('tries again after a 500 with the same event and a higher count', async () => {
    endpoint = await startEndpoint(honest((_seen, count) => ({ status: count < 4 ? 500 : 200 })));
    await grid.subscribe({ url: endpoint.url, schema: 'eventgrid', kind: 'webhook' });
    const { id } = grid.publish(ring);
    await endpoint.reaches(4);
    assert.deepEqual(
      endpoint.seen
        .slice(1)
        .map(({ headers, body }) => [headers['aeg-delivery-count'], (body as [{ id: string }])[0].id]),
      [
        ['0', id],
        ['1', id],
        ['2', id],
      ],
    );
  });

  for (const status of [400, 401, 413])
    it(`never tries again after a ${status}: the event is a dead letter`, async () => {
      endpoint = await startEndpoint(honest(() => ({ status })));
      await grid.subscribe({ url: endpoint.url, schema: 'eventgrid', kind: 'webhook' });
      const { id } = grid.publish(ring);
      await until(() => grid.deadLetters.length === 1);
      assert.equal(endpoint.seen.length, 2);
      assert.partialDeepStrictEqual(grid.deadLetters[0], {
        event: { id },
        deadLetterReason: 'Undeliverable',
        deliveryAttempts: 1,
        lastDeliveryOutcome: String(status),
      });
    });

  it('gives up after the attempts a subscription allows', async () => {
    endpoint = await startEndpoint(honest(() => ({ status: 503 })));
    await grid.subscribe({ url: endpoint.url, schema: 'eventgrid', kind: 'webhook', maxAttempts: 2 });
    grid.publish(ring);
    await until(() => grid.deadLetters.length === 1);
    assert.equal(grid.deadLetters[0]!.deadLetterReason, 'MaxDeliveryAttemptsExceeded');
    assert.equal(endpoint.seen.length, 3);
  });

  it('repeats, swaps and gathers events when told to', async () => {
    endpoint = await startEndpoint(honest(() => ({ status: 200 })));
    await grid.subscribe({ url: endpoint.url, schema: 'eventgrid', kind: 'webhook' });
    const idsOf = (seen: Seen) => (seen.body as { id: string }[]).map((event) => event.id);

    grid.faults.duplicate = true;
    const twice = grid.publish(ring);
    await endpoint.reaches(3);
    assert.deepEqual(endpoint.seen.slice(1).map(idsOf), [[twice.id], [twice.id]]);

    Object.assign(grid.faults, { duplicate: false, batch: true });
    const [a, b] = [grid.publish(ring), grid.publish(ring)];
    await endpoint.reaches(4);
    assert.deepEqual(idsOf(endpoint.seen[3]!), [a.id, b.id]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
