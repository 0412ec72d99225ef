// A stand-in that is asked by HTTP and answers in JSON: what it does with a request, with faults between it and whoever asks.
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestFaults } from './request-faults.ts';

const maxBodyBytes = 1_048_576;

export interface JsonRequest {
  readonly method: string;
  /** Undecoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface JsonReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON, or as it is; without either: no body at all. */
  readonly body?: unknown;
  readonly text?: string;
}

export interface JsonService {
  /** http://127.0.0.1:<port>, without a path. */
  readonly url: string;
  readonly requests: readonly JsonRequest[];
  readonly faults: RequestFaults;
  stop(): Promise<void>;
}

export interface JsonServiceOptions {
  readonly port?: number;
  /** The stand-in's name of what is asked, for its faults. */
  nameOf(request: JsonRequest): string;
  answer(request: JsonRequest): JsonReply | Promise<JsonReply>;
  fail(status: number, code: string): JsonReply;
}

export async function startJsonService({ port = 0, nameOf, answer, fail }: JsonServiceOptions): Promise<JsonService> {
  const faults = new RequestFaults();
  const requests: JsonRequest[] = [];
  const server = createServer((incoming, response) => {
    response.on('error', () => {});
    const reply = async (): Promise<void> => {
      const request = await read(incoming);
      requests.push(request);
      const replied = await faults.answer(nameOf(request), {
        carryOut: async () => answer(request),
        fail: ({ status, code }) => fail(status, String(code ?? status)),
        sleep,
      });
      if (replied === 'silence') return;
      if (replied === 'cut') {
        response.destroy();
        return;
      }
      const { status, headers, body, text } = replied;
      response.writeHead(status, { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers });
      response.end(body === undefined ? text : JSON.stringify(body));
    };
    reply().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(incoming: IncomingMessage): Promise<JsonRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  const [path, query] = incoming.url!.split('?');
  return {
    method: incoming.method!,
    path: path!,
    query: new URLSearchParams(query),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** Undefined, which fits no schema, if it is not JSON. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
