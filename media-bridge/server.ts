// The bridge's door: HTTP for health, WebSocket upgrades for carriers and watchers, each checked before it is let in.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../shared/errors.ts';
import { listen } from '../shared/listen.ts';
import { type Accept, admitAcsMedia, admitTwilioMedia, admitWatcher } from './admission.ts';
import { type BridgeRoute, parseBridgeRoute } from './bridge-routes.ts';
import { serveLiveFeed } from './live-feed.ts';
import type { BridgeServices } from './services.ts';
import { refuseUpgrade } from './upgrade-refusal.ts';

/** Slower than this and it is not a carrier. Also ends half-open connections that never send a request. */
const handshakeTimeoutMs = 10_000;
/** Node looks for them every 30 s unless told otherwise. */
const handshakeCheckMs = 1_000;
/** The largest message of a carrier: a frame of audio in base64 is under 2 kB. */
const maxMessageBytes = 64 * 1024;
/** Close codes of WebSocket for a peer that is not let in, and for a fault of ours. */
const refusedCode = 1008;
const failedCode = 1011;

export interface RunningBridge {
  readonly url: string;
  /** Takes no new calls; resolves when the live ones are over or `limitMs` has passed. */
  drain(limitMs: number): Promise<void>;
  /** Cuts off what is left. */
  stop(): Promise<void>;
}

export async function startServer(
  services: BridgeServices,
  where: { host: string; port: number },
): Promise<RunningBridge> {
  const { registry, log } = services;
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes });
  const server = createServer(
    {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: handshakeCheckMs,
    },
    (request, response) => answerHttp(services, request, response),
  );
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (error) => log.debug({ error }, 'a connection broke while it was being upgraded'));
    let accepted: WebSocket | undefined;
    const accept = async () => (accepted = await acceptUpgrade(sockets, request, socket, head));
    upgrade(services, request, accept).catch((error) => {
      if (!(error instanceof AppError)) log.error({ error }, 'an upgrade failed');
      else log.info({ code: error.code, reason: error.message }, 'an upgrade was refused');
      // Once it is a WebSocket, an HTTP answer would be noise on it. Closed already, it keeps the code it was closed with.
      if (accepted) accepted.close(error instanceof AppError ? refusedCode : failedCode);
      else refuseUpgrade(socket, error);
    });
  });
  await listen(server, { ...where, setting: 'PORT' });
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://${where.host}:${port}`,
    drain: (limitMs) => registry.drain(limitMs),
    async stop() {
      await registry.drain(0);
      for (const socket of sockets.clients) socket.close(1001);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function upgrade(services: BridgeServices, request: IncomingMessage, accept: Accept): Promise<void> {
  const route = parseBridgeRoute(request.url ?? '/');
  if (!route) throw new AppError('CALL_NOT_FOUND', 'there is no such path');
  await admit(services, route, request, accept);
}

function acceptUpgrade(
  sockets: WebSocketServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    // ws answers a bad handshake itself and calls nobody.
    socket.once('close', () => reject(new AppError('BAD_REQUEST', 'the connection closed during the upgrade')));
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      // Each leg listens too; between here and there, and where there is none, an error must not end the process.
      accepted.on('error', () => {});
      resolve(accepted);
    });
  });
}

function admit(services: BridgeServices, route: BridgeRoute, request: IncomingMessage, accept: Accept): Promise<void> {
  switch (route.kind) {
    case 'acs-media':
      return admitAcsMedia(services, route, request, accept);
    case 'twilio-media':
      return admitTwilioMedia(services, route, request, accept);
    case 'events':
      return admitWatcher(services, request).then(async () =>
        serveLiveFeed(await accept(), services.stores.stream, route.callId, services.log),
      );
    default:
      return route satisfies never;
  }
}

/** `/healthz`: the process lives. `/readyz`: it takes new calls. */
function answerHttp({ registry }: BridgeServices, request: IncomingMessage, response: ServerResponse): void {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return void answer(405, { error: { code: 'BAD_REQUEST' } });
  if (path === '/healthz') return void answer(200, { status: 'ok', calls: registry.size });
  if (path === '/readyz') {
    const status = registry.isDraining ? 'draining' : registry.isFull ? 'full' : 'ready';
    return void answer(status === 'ready' ? 200 : 503, { status, calls: registry.size });
  }
  answer(404, { error: { code: 'NOT_FOUND', message: 'there is no such path' } });
}
