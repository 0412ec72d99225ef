// Takes orders for demo calls over HTTP, so that a second terminal can place calls in a running world, and tells how that is set.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { refuseForeignPage, refuseOtherThanJson } from '../../shared/foreign-page.ts';
import type { Ingestion } from '../ingestion/ingestion.ts';
import { findLastCallId, findTrace, formatWaterfall } from '../ingestion/waterfall.ts';
import { parseWav } from '../voice/wav.ts';
import { CallPrinter } from './call-printer.ts';
import { placeDemoCall } from './demo-call.ts';
import { type DemoOrder, demoOrderSchema } from './demo-order.ts';
import type { World } from './world.ts';

/** Ten minutes of a caller's voice at 16 kHz, in base64. */
const maxOrderBytes = 32 * 1024 * 1024;

export interface DemoDesk {
  readonly url: string;
  /** True if the caller could do all that was planned. */
  place(order: DemoOrder, print: (line: string) => void): Promise<boolean>;
  stop(): Promise<void>;
}

export async function startDemoDesk(world: World, port: number): Promise<DemoDesk> {
  let placed = 0;
  async function place(order: DemoOrder, print: (line: string) => void): Promise<boolean> {
    const from = `+1555012${String(placed++ % 1000).padStart(4, '0')}`;
    const printer = new CallPrinter(print);
    const caller = order.wav === undefined ? { scenario: order.scenario } : parseWav(Buffer.from(order.wav, 'base64'));
    const { carrier, direction, model } = order;
    const result = await placeDemoCall(world, from, { carrier, direction, model, caller }, (message) =>
      printer.show(message),
    );
    if (result.problem) print(`The caller ${result.problem}.`);
    print(`What the caller heard: ${result.heardPath}`);
    return result.outcome === 'finished';
  }

  const server = createServer(async (request, response) => {
    try {
      refuseForeignPage((name) => request.headers[name]);
      refuseOtherThanJson((name) => request.headers[name]);
      if (request.method === 'GET' && request.url === '/settings') {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(world.settings));
        return;
      }
      if (request.method === 'GET' && request.url?.startsWith('/traces/')) {
        const { status, text } = describeTrace(world.standIns.ingestion, request.url.slice('/traces/'.length));
        response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
        return;
      }
      const order = demoOrderSchema.parse(JSON.parse(await readBody(request)));
      response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' });
      const print = (line: string) => response.write(`${line}\n`);
      if (!(await place(order, print))) print('FAILED');
      response.end();
    } catch (error) {
      const text = error instanceof z.ZodError ? z.prettifyError(error) : String((error as Error).message);
      if (!response.headersSent) response.writeHead(error instanceof AppError ? error.status : 400);
      response.end(`${text}\n`);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    place,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of the last call where none is named. */
function describeTrace(ingestion: Ingestion | undefined, name: string): { status: number; text: string } {
  const envelopes = ingestion?.envelopes ?? [];
  const callId = name === '' ? findLastCallId(envelopes) : decodeURIComponent(name);
  const spans = callId === undefined ? [] : findTrace(envelopes, callId);
  if (spans.length === 0) return { status: 404, text: 'Nothing has been told of such a call.' };
  return { status: 200, text: `${callId}\n${formatWaterfall(spans)}` };
}

async function readBody(request: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > maxOrderBytes) throw new Error('the recording is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
