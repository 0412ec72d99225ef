// The bridge's door: HTTP for health, WebSocket upgrades for carriers and watchers, each checked before it is let in.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { BridgeHealth } from '../shared/api.ts';
import { AppError } from '../shared/errors.ts';
import { listen } from '../shared/listen.ts';
import { feedProtocol } from '../shared/watch-ticket.ts';
import { within } from '../shared/within.ts';
import { admitAcsMedia, admitTwilioMedia, admitWatcher, admitWebMedia } from './admission.ts';
import { parseBridgeRoute } from './bridge-routes.ts';
import { serveLiveFeed } from './live-feed.ts';
import type { BridgeServices } from './services.ts';
import { Strangers } from './strangers.ts';
import { Upgrade } from './upgrade.ts';

/** Slower than this and it is not a carrier. Also ends half-open connections that never send a request. */
const handshakeTimeoutMs = 5_000;
/** Node looks for them every 30 s unless told otherwise. */
const handshakeCheckMs = 1_000;
/** The largest message of a carrier: a frame of audio in base64 is under 2 kB. */
const maxMessageBytes = 64 * 1024;
/** How long a peer may take to end its side of a WebSocket that we close; ws itself waits for half a minute. */
const closeTimeoutMs = 1_000;
/** The prober of a container gives up after a second. */
const healthTimeoutMs = 300;
/** From the request to a conversation: a Twilio stream may take five seconds to say whose it is, a store one. */
const admissionTimeoutMs = 10_000;

/** `closeTimeout` is missing in the types of ws. */
const socketOptions = {
  noServer: true,
  perMessageDeflate: false,
  maxPayload: maxMessageBytes,
  closeTimeout: closeTimeoutMs,
  // A browser that brings a ticket offers it as a protocol, and ours beside it: it must not be sent back.
  handleProtocols: (offered: Set<string>) => (offered.has(feedProtocol) ? feedProtocol : ([...offered][0] ?? false)),
};

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
  const strangers = new Strangers();
  const sockets = new WebSocketServer(socketOptions);
  const server = createServer(
    {
      headersTimeout: handshakeTimeoutMs,
      requestTimeout: handshakeTimeoutMs,
      connectionsCheckingInterval: handshakeCheckMs,
    },
    (request, response) => {
      answerHttp(services, request, response).catch((error) => {
        log.error({ error }, 'a request could not be answered');
        response.destroy();
      });
    },
  );
  server.on('connection', (socket) => strangers.add(socket));
  // It outlives the upgrade, for as long as its connection: it is to hold nothing of it.
  const onBroken = (error: Error) => log.debug({ error }, 'a connection broke while it was being upgraded');
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', onBroken);
    const upgrade = new Upgrade({ sockets, request, socket, head, onTrusted: () => strangers.release(socket) });
    within(admissionTimeoutMs, () => admit(services, upgrade), isTooSlow).catch((error) => {
      if (!(error instanceof AppError)) log.error({ error }, 'an upgrade failed');
      else log.info({ code: error.code, reason: error.message }, 'an upgrade was refused');
      upgrade.refuse(error);
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

async function admit(services: BridgeServices, upgrade: Upgrade): Promise<void> {
  const route = parseBridgeRoute(upgrade.request.url ?? '/');
  if (!route) throw new AppError('CALL_NOT_FOUND');
  switch (route.kind) {
    case 'acs-media':
      return admitAcsMedia(services, route, upgrade);
    case 'twilio-media':
      return admitTwilioMedia(services, route, upgrade);
    case 'web-media':
      return admitWebMedia(services, route, upgrade);
    case 'events': {
      const { stores, log } = services;
      const watcher = await admitWatcher(services, route, upgrade);
      serveLiveFeed({ ...watcher, stream: stores.stream, calls: route.callId, log }).catch((error) => {
        log.error({ error }, 'a watcher could not be served');
        upgrade.refuse(error);
      });
      return;
    }
    default:
      return route satisfies never;
  }
}

function isTooSlow(): never {
  throw new AppError('BAD_REQUEST', `who it is was not known in ${admissionTimeoutMs} ms`);
}

/**
 * `/healthz`: the process lives, and what is wrong around it: with its stores away it serves calls, and to end it would help
 * nobody. `/readyz`: it takes new calls.
 */
async function answerHttp(
  { registry, health }: BridgeServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // The console shows how the bridge is.
  const cors = { 'Access-Control-Allow-Origin': '*' };
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...cors }).end(JSON.stringify(body));
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return void answer(405, { error: { code: 'BAD_REQUEST' } });
  if (path === '/healthz') {
    const report = await health.report(healthTimeoutMs);
    const isWell = Object.values(report.checks).every((state) => state === 'ok');
    const body: BridgeHealth = { status: isWell ? 'ok' : 'degraded', calls: registry.size, ...report };
    return void answer(200, body);
  }
  if (path === '/readyz') {
    const status = registry.isDraining ? 'draining' : registry.isFull ? 'full' : 'ready';
    return void answer(status === 'ready' ? 200 : 503, { status, calls: registry.size });
  }
  answer(404, { error: { code: 'NOT_FOUND', message: 'there is no such path' } });
}
