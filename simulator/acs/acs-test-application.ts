// An application for the tests of the ACS stand-in: takes its callbacks and its media sockets, and asks by the real client.

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallAutomationClient, type CallConnection } from '@azure/communication-call-automation';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Acs } from './acs.ts';
import type { CloudEvent } from './acs-callback-sender.ts';

export interface SeenCallback {
  readonly headers: IncomingHttpHeaders;
  readonly events: readonly CloudEvent[];
}

export interface MediaMessage {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** One media socket that the stand-in opened. */
export class TestSocket {
  readonly headers: IncomingHttpHeaders;
  readonly messages: MediaMessage[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #news: Set<() => void>;

  constructor(socket: WebSocket, headers: IncomingHttpHeaders, news: Set<() => void>) {
    this.#socket = socket;
    this.#news = news;
    this.headers = headers;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => resolve(code));
    });
    socket.on('error', () => {});
    socket.on('message', (data) => {
      this.messages.push(JSON.parse(data.toString()) as MediaMessage);
      for (const look of this.#news) look();
    });
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  play(pcm: Buffer): void {
    this.send({ kind: 'AudioData', audioData: { data: pcm.toString('base64') } });
  }

  close(): void {
    this.#socket.terminate();
  }
}

export interface TestApplication {
  readonly callbackUrl: string;
  readonly mediaUrl: string;
  readonly client: CallAutomationClient;
  readonly callbacks: readonly SeenCallback[];
  readonly sockets: readonly TestSocket[];
  /** The incoming calls that Event Grid announced. */
  readonly incoming: readonly { readonly incomingCallContext: string }[];
  /** The next callbacks are answered with these statuses, then 200. */
  readonly statuses: number[];
  /** Looks again after each callback, message and socket. */
  until<Value>(what: string, find: () => Value | undefined | false): Promise<Value>;
  event(type: string): Promise<CloudEvent>;
  answer(media?: Partial<MediaSettings>): Promise<CallConnection>;
  stop(): Promise<void>;
}

interface MediaSettings {
  readonly transportUrl: string;
  readonly audioFormat: 'Pcm16KMono' | 'Pcm24KMono';
  readonly audioChannelType: 'mixed' | 'unmixed';
  readonly startMediaStreaming: boolean;
  readonly enableBidirectional: boolean;
  readonly enableDtmfTones: boolean;
}

const patienceMs = 8_000;

export async function startTestApplication(acs: Acs): Promise<TestApplication> {
  const callbacks: SeenCallback[] = [];
  const sockets: TestSocket[] = [];
  const incoming: { incomingCallContext: string }[] = [];
  const statuses: number[] = [];
  const news = new Set<() => void>();
  const tell = () => {
    for (const look of news) look();
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      if (request.url === '/events') {
        const { validationCode } = body[0].data;
        if (!validationCode) incoming.push(body[0].data);
        response.end(JSON.stringify({ validationResponse: validationCode }));
      } else {
        callbacks.push({ headers: request.headers, events: body });
        response.writeHead(statuses.shift() ?? 200).end();
      }
      tell();
    });
  });
  const socketServer = new WebSocketServer({ server });
  socketServer.on('connection', (socket, request) => {
    sockets.push(new TestSocket(socket, request.headers, news));
    tell();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const callbackUrl = `http://127.0.0.1:${port}/callbacks`;
  const mediaUrl = `ws://127.0.0.1:${port}/media`;
  const client = new CallAutomationClient(acs.connectionString, { allowInsecureConnection: true });
  await acs.eventGrid.subscribe({ url: `http://127.0.0.1:${port}/events`, schema: 'eventgrid', kind: 'webhook' });

  const until: TestApplication['until'] = (what, find) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        news.delete(look);
        reject(new Error(`${what}: nothing within ${patienceMs} ms; seen: ${callbacks.map(typesOf).join(' ')}`));
      }, patienceMs);
      const look = () => {
        const found = find();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        news.delete(look);
        resolve(found);
      };
      news.add(look);
      look();
    });

  return {
    callbackUrl,
    mediaUrl,
    client,
    callbacks,
    sockets,
    incoming,
    statuses,
    until,
    event: (type) =>
      until(type, () =>
        callbacks.flatMap(({ events }) => events).find((event) => event.type === `Microsoft.Communication.${type}`),
      ),
    async answer(media = {}) {
      const { incomingCallContext } = await until('an incoming call', () => incoming.at(-1));
      const { callConnection } = await client.answerCall(incomingCallContext, callbackUrl, {
        operationContext: 'op-answer',
        mediaStreamingOptions: {
          transportType: 'websocket',
          contentType: 'audio',
          transportUrl: mediaUrl,
          audioFormat: 'Pcm16KMono',
          audioChannelType: 'unmixed',
          startMediaStreaming: true,
          enableBidirectional: true,
          enableDtmfTones: true,
          ...media,
        },
      });
      return callConnection;
    },
    async stop() {
      for (const socket of socketServer.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function typesOf({ events }: SeenCallback): string {
  return events.map(({ type }) => type.replace('Microsoft.Communication.', '')).join('+');
}
