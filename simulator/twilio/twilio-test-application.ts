// An application for the tests of the Twilio stand-in: answers hooks with TwiML by path, and keeps what came over its sockets.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import twilio, { type Twilio as TwilioClient } from 'twilio';
import { type WebSocket, WebSocketServer } from 'ws';
import { startTwilio, type Twilio } from './twilio.ts';

export interface SeenHook {
  readonly path: string;
  readonly token: string;
  readonly form: Readonly<Record<string, string>>;
  readonly atMs: number;
}

export interface SeenMessage {
  readonly atMs: number;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: a message as it came
  readonly body: any;
}

export interface SeenStream {
  readonly socket: WebSocket;
  readonly messages: SeenMessage[];
  /** With the id of the stream. */
  send(message: Readonly<Record<string, unknown>>): void;
}

export interface TestApplication {
  readonly stand: Twilio;
  readonly client: TwilioClient;
  readonly url: string;
  readonly hooks: readonly SeenHook[];
  readonly streams: readonly SeenStream[];
  /** The next hooks get these statuses; `cut`: the connection breaks; `silence`: no answer. */
  readonly answers: (number | 'cut' | 'silence')[];
  until<Value>(find: () => Value | undefined | false): Promise<Value>;
}

export const line = '+15550150';

/** `/voice` answers with a stream. */
export async function startTestApplication(
  t: TestContext,
  twiml: Readonly<Record<string, string>> = {},
): Promise<TestApplication> {
  const hooks: SeenHook[] = [];
  const streams: SeenStream[] = [];
  const answers: TestApplication['answers'] = [];
  const news = new Set<() => void>();
  const tell = () => {
    for (const look of news) look();
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = String(request.headers['i-twilio-idempotency-token']);
    const form = Object.fromEntries(new URLSearchParams(body));
    hooks.push({ path: request.url!, token, form, atMs: performance.now() });
    tell();
    const answer = answers.shift() ?? 200;
    if (answer === 'silence') return;
    if (answer === 'cut') {
      request.socket.destroy();
      return;
    }
    const stream = `<Response><Connect><Stream url="ws://127.0.0.1:${port}/media"/></Connect></Response>`;
    const text = twiml[request.url!] ?? (request.url === '/voice' ? stream : '<Response/>');
    response.writeHead(answer, { 'content-type': 'text/xml' }).end(text);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    const messages: SeenMessage[] = [];
    socket.on('message', (data) => {
      const body = JSON.parse(String(data));
      messages.push({ atMs: performance.now(), event: body.event, body });
      tell();
    });
    const send = (message: object) => {
      const streamSid = messages.find(({ event }) => event === 'start')!.body.streamSid;
      socket.send(JSON.stringify({ ...message, streamSid }));
    };
    streams.push({ socket, messages, send });
    tell();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const stand = await startTwilio({
    numbers: new Map([[line, { voiceUrl: `${url}/voice`, statusCallback: `${url}/status` }]]),
    callsPerSecond: 100,
    timeScale: 0.02,
  });
  const client = twilio(stand.accountSid, stand.authToken);
  client.api.baseUrl = stand.url;
  t.after(async () => {
    await stand.stop();
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  const until: TestApplication['until'] = (find) =>
    new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined || found === false) return;
        news.delete(look);
        resolve(found);
      };
      news.add(look);
      look();
    });
  return { stand, client, url, hooks, streams, answers, until };
}
