// A strict stand-in of an Event Grid custom topic: takes events by its key over HTTP, and has Event Grid deliver them.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { createEventGrid, type EventGrid } from './event-grid.ts';

const maxBodyBytes = 1024 * 1024;
const eventSchema = z.strictObject({
  id: z.string().min(1),
  topic: z.string().optional(),
  subject: z.string().min(1),
  eventType: z.string().min(1),
  eventTime: z.iso.datetime({ offset: true }),
  dataVersion: z.string(),
  data: z.unknown(),
});

export interface CustomTopic {
  readonly endpoint: string;
  readonly key: string;
  /** Who is told; its faults are those of the delivery. */
  readonly eventGrid: EventGrid;
  /** Every request is answered so, until it is taken back. */
  fail: number | 'silence' | undefined;
  stop(): Promise<void>;
}

export async function startCustomTopic(options: { readonly timeScale?: number } = {}): Promise<CustomTopic> {
  const key = randomBytes(32).toString('base64');
  const topic =
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-local/providers/Microsoft.EventGrid/topics/calls-local';
  const eventGrid = createEventGrid({ ...options, topic });
  const state = { fail: undefined as CustomTopic['fail'] };

  const answer = async (request: IncomingMessage): Promise<number | undefined> => {
    const text = await readBody(request);
    if (state.fail === 'silence') return undefined;
    if (state.fail !== undefined) return state.fail;
    const url = new URL(request.url!, 'http://topic');
    if (request.method !== 'POST' || url.pathname !== '/api/events') return 404;
    if (url.searchParams.get('api-version') !== '2018-01-01') return 400;
    if (request.headers['aeg-sas-key'] !== key) return 401;
    if (text === undefined) return 413;
    const events = z.array(eventSchema).safeParse(JSON.parse(text));
    if (!events.success) return 400;
    for (const { eventType: type, subject, data } of events.data) eventGrid.publish({ type, subject, data });
    return 200;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (status) => status !== undefined && response.writeHead(status, { 'content-type': 'application/json' }).end(),
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`,
    key,
    eventGrid,
    async stop() {
      eventGrid.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    chunks.push(chunk);
  }
  return bytes > maxBodyBytes ? undefined : Buffer.concat(chunks).toString();
}
