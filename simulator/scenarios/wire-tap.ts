// Sits on the wire between two parts: passes requests and WebSockets on, and keeps what went by on the sockets.
import { createServer, request as forward, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';

export interface TappedMessage {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

export interface TappedSocket {
  readonly path: string;
  /** From whoever opened the socket. */
  readonly sent: TappedMessage[];
  readonly answered: TappedMessage[];
}

export interface WireTap {
  readonly url: string;
  readonly sockets: readonly TappedSocket[];
  /** Where everything goes: to be said before anybody connects. */
  passTo(url: string): void;
  stop(): Promise<void>;
}

/** A test's call is over within half a minute: some 1,500 frames each way. */
const maxMessages = 20_000;
/** Made anew for each leg of the way. */
const handshakeHeaders = /^(connection|upgrade|sec-websocket-.*)$/;

export async function startWireTap(): Promise<WireTap> {
  const sockets: TappedSocket[] = [];
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  let target = '';

  const server = createServer((request, response) => {
    const { method, url = '/', headers } = request;
    const onward = forward(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.on('upgrade', (request, connection, head) => {
    connection.on('error', () => connection.destroy());
    const path = request.url ?? '/';
    const onward = new WebSocket(`${target.replace(/^http/, 'ws')}${path}`, {
      headers: pickHeaders(request.headers),
      perMessageDeflate: false,
    });
    onward.on('error', () => connection.destroy());
    // Accepted only when the other side did.
    onward.once('open', () => {
      const tapped: TappedSocket = { path, sent: [], answered: [] };
      sockets.push(tapped);
      onward.pause();
      upgrades.handleUpgrade(request, connection, head, (inward) => {
        inward.on('error', () => inward.terminate());
        join(inward, onward, tapped.sent);
        join(onward, inward, tapped.answered);
        onward.resume();
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    passTo(url) {
      target = url;
    },
    async stop() {
      for (const socket of upgrades.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function join(from: WebSocket, to: WebSocket, kept: TappedMessage[]): void {
  from.on('message', (data: RawData, isBinary) => {
    if (kept.length < maxMessages) kept.push({ data: data as Buffer, isBinary });
    if (to.readyState === WebSocket.OPEN) to.send(data, { binary: isBinary });
  });
  from.on('close', (code, reason) => {
    if (code === 1005) to.close();
    else if (code === 1006) to.terminate();
    else to.close(code, reason);
  });
}

function pickHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !handshakeHeaders.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}
