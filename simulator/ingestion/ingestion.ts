// Stands in for Application Insights' ingestion: takes what it would take, refuses the rest item by item, and keeps it all.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Envelope, findProblem } from './envelope.ts';

const unzip = promisify(gunzip);

/** The service's own limit for one delivery. */
const maxBodyBytes = 64 * 1024 * 1024;
/** A day of demo calls. What is older is forgotten. */
const maxEnvelopes = 200_000;

export interface IngestionFaults {
  /** The next deliveries are answered so, and nothing of them is kept; one after the other. */
  readonly next: { readonly status: number; readonly retryAfterSeconds?: number }[];
  /** So many items of the next delivery are to be sent again: 206, and the rest is kept. */
  again: number;
}

export interface Ingestion {
  readonly url: string;
  readonly connectionString: string;
  readonly envelopes: readonly Envelope[];
  /** What was wrong with items that were refused. Empty, where the product is right. */
  readonly refused: readonly string[];
  readonly faults: IngestionFaults;
  /** Deliveries, and how each was answered. */
  readonly answers: readonly number[];
  stop(): Promise<void>;
}

export interface IngestionOptions {
  readonly port?: number;
  /** Wanted in each request, in place of the key alone. */
  readonly bearer?: string;
}

interface ItemError {
  readonly index: number;
  readonly statusCode: number;
  readonly message: string;
}

const instrumentationKey = '00000000-0000-4000-8000-0000000000a1';

export async function startIngestion({ port = 0, bearer }: IngestionOptions = {}): Promise<Ingestion> {
  const envelopes: Envelope[] = [];
  const refused: string[] = [];
  const answers: number[] = [];
  const faults: IngestionFaults = { next: [], again: 0 };

  /** Takes the items that it takes. */
  function take(items: readonly unknown[]): { status: number; errors: readonly ItemError[] } {
    const errors: ItemError[] = [];
    for (const [index, item] of items.entries()) {
      const problem = findProblem(item, instrumentationKey);
      if (problem !== undefined) {
        refused.push(problem);
        errors.push({ index, statusCode: 400, message: problem });
      } else if (faults.again > 0) {
        faults.again--;
        errors.push({ index, statusCode: 429, message: 'Too many requests' });
      } else envelopes.push(item as Envelope);
    }
    if (envelopes.length > maxEnvelopes) envelopes.splice(0, envelopes.length - maxEnvelopes);
    const status = errors.length === 0 ? 200 : errors.length === items.length ? 400 : 206;
    return { status, errors };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, body: object, headers: Record<string, string> = {}) => {
      answers.push(status);
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    const refuse = (status: number, message: string) => {
      refused.push(message);
      answer(status, { itemsReceived: 0, itemsAccepted: 0, errors: [{ index: 0, statusCode: status, message }] });
    };
    if (request.method !== 'POST' || request.url !== '/v2.1/track')
      return refuse(404, `${request.method} ${request.url} is not served`);
    if (!/^application\/(json|x-json-stream)\b/.test(request.headers['content-type'] ?? ''))
      return refuse(415, `content-type ${request.headers['content-type']}`);
    if (bearer !== undefined && request.headers.authorization !== `Bearer ${bearer}`)
      return refuse(401, 'the token is missing or wrong');
    const body = await readBody(request);
    const fault = faults.next.shift();
    if (fault) {
      const wait = fault.retryAfterSeconds;
      const headers: Record<string, string> = wait === undefined ? {} : { 'Retry-After': String(wait) };
      return answer(fault.status, { itemsReceived: 0, itemsAccepted: 0, errors: [] }, headers);
    }
    const items = parseItems(body);
    if (!items) return refuse(400, 'the body is neither a JSON array nor lines of JSON');
    const { status, errors } = take(items);
    answer(status, { itemsReceived: items.length, itemsAccepted: items.length - errors.length, errors });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => {
      refused.push(error.message);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    connectionString: `InstrumentationKey=${instrumentationKey};IngestionEndpoint=${url}/`,
    envelopes,
    refused,
    faults,
    answers,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > maxBodyBytes) throw new Error(`a delivery is larger than ${maxBodyBytes} bytes`);
    parts.push(part);
  }
  const body = Buffer.concat(parts);
  return request.headers['content-encoding'] === 'gzip' ? unzip(body) : body;
}

function parseItems(body: Buffer): readonly unknown[] | undefined {
  const text = body.toString().trim();
  try {
    const items: unknown = text.startsWith('[') ? JSON.parse(text) : text.split('\n').map((line) => JSON.parse(line));
    return Array.isArray(items) ? items : undefined;
  } catch {
    return undefined;
  }
}
