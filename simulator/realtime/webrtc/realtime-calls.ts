// The WebRTC calls of the stand-in: takes a page's offer for an ephemeral key, and joins its sound, its channel and sideband sockets to one session.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WebSocket } from 'ws';
import type { ClientSecrets } from '../client-secrets.ts';
import type { RealtimeFaults } from '../realtime-faults.ts';
import type { RealtimeSession } from '../realtime-session.ts';
import { createWireId } from '../wire-id.ts';
import { isShownToPage } from './page-filter.ts';
import { type OpenPeer, type Peer, peerSampleRate } from './peer.ts';

const path = '/openai/v1/realtime/calls';
const maxOfferBytes = 64 * 1024;
/** An answer that no connection follows. */
const connectTimeoutMs = 15_000;
const overCode = 1000;

/** How a session reaches whoever is joined to it. */
export interface CallWire {
  readonly send: (message: string | Buffer) => void;
  readonly play: (samples: Int16Array) => void;
  readonly close: (code: number, reason: string) => void;
}

type Refuse = (status: number, code: string, message: string) => void;

export interface RealtimeCallsOptions {
  readonly secrets: ClientSecrets;
  readonly faults: Pick<RealtimeFaults, 'refuseHangUp' | 'holdHangUps'>;
  readonly isOurs: (request: IncomingMessage) => boolean;
  readonly openPeer: OpenPeer;
  readonly begin: (session: Record<string, unknown>, wire: CallWire) => RealtimeSession;
  readonly end: (session: RealtimeSession, code: number) => void;
}

export interface RealtimeCall {
  readonly id: string;
  readonly session: RealtimeSession;
  readonly sidebands: ReadonlySet<WebSocket>;
  /** Its page is shown only what `webrtcfilter` lets through. */
  readonly isFiltered: boolean;
  /** The connection to the page breaks. */
  drop(): void;
}

export class RealtimeCalls {
  readonly #options: RealtimeCallsOptions;
  readonly #calls = new Map<string, RealtimeCall>();
  /** How requests to end a call were answered, by status; 0: not at all. */
  readonly hangUps: number[] = [];

  constructor(options: RealtimeCallsOptions) {
    this.#options = options;
  }

  /** Those that live. */
  get live(): readonly RealtimeCall[] {
    return [...this.#calls.values()];
  }

  find(id: string): RealtimeCall | undefined {
    return this.#calls.get(id);
  }

  /** False: the request is for something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '/', 'http://local');
    if (url.pathname !== path && !url.pathname.startsWith(`${path}/`)) return false;
    const cors = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'POST',
      'access-control-expose-headers': 'Location,X-Request-Id',
      'x-request-id': randomUUID(),
    };
    const end = (status: number, type: string, body: string, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': type, ...cors, ...headers }).end(body);
    const refuse: Refuse = (status, code, message) => {
      end(status, 'application/json', JSON.stringify({ error: { code, message } }));
    };
    if (request.method === 'OPTIONS') response.writeHead(204, cors).end();
    else if (request.method !== 'POST') refuse(405, 'MethodNotAllowed', 'An offer is posted.');
    else if (url.pathname !== path) this.#hangUp(url.pathname, request, refuse, () => end(200, 'text/plain', ''));
    else
      this.#take(request, url, refuse, (call, sdp) =>
        end(201, 'text/plain; charset=utf-8', sdp, { location: `/v1/realtime/calls/${call.id}` }),
      ).catch((error: unknown) => refuse(400, 'invalid_offer', String(error)));
    return true;
  }

  /** One more socket beside the page: it is told nothing of what was before. False: there is no such call. */
  attach(callId: string, socket: WebSocket): boolean {
    const call = this.#calls.get(callId);
    if (!call) return false;
    const sidebands = call.sidebands as Set<WebSocket>;
    sidebands.add(socket);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => sidebands.delete(socket));
    socket.on('message', (data, isBinary) => {
      if (isBinary) call.session.sendError('invalid_event', 'Binary messages are not supported.');
      else call.session.receive(String(data));
    });
    return true;
  }

  #hangUp(pathname: string, request: IncomingMessage, refuse: Refuse, done: () => void): void {
    const { isOurs, faults } = this.#options;
    const { refuseHangUp } = faults;
    const call = this.#calls.get(/^\/openai\/v1\/realtime\/calls\/([^/]+)\/hangup$/.exec(pathname)?.[1] ?? '');
    const deny = (status: number, code: string, message: string) => {
      this.hangUps.push(status);
      refuse(status, code, message);
    };
    if (!isOurs(request)) deny(401, 'Unauthorized', 'Access denied.');
    else if (faults.holdHangUps) this.hangUps.push(0);
    else if (refuseHangUp && refuseHangUp.times > 0) {
      refuseHangUp.times--;
      deny(refuseHangUp.status, 'refused', 'Refused by a fault switch.');
    } else if (!call) deny(404, 'call_id_not_found', 'There is no such call.');
    else {
      this.hangUps.push(200);
      call.drop();
      done();
    }
  }

  async #take(
    request: IncomingMessage,
    url: URL,
    refuse: Refuse,
    accept: (call: RealtimeCall, sdp: string) => void,
  ): Promise<void> {
    if (url.searchParams.has('api-version'))
      return refuse(401, 'Unauthorized', 'The GA endpoint takes no api-version.');
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const offer = Buffer.concat(parts);
    if (request.headers['content-type'] !== 'application/sdp')
      return refuse(415, 'UnsupportedMediaType', 'An offer is application/sdp.');
    if (offer.length > maxOfferBytes) return refuse(413, 'TooLarge', 'The offer is too long.');
    const sdp = offer.toString();
    if (!/^v=0\r?\n/.test(sdp) || !/^m=audio /m.test(sdp) || !/^a=rtpmap:\d+ opus\/48000\/2/m.test(sdp))
      return refuse(400, 'invalid_offer', 'The offer has no sound in Opus.');
    if (!/^m=application /m.test(sdp)) return refuse(400, 'invalid_offer', 'The offer has no data channel.');
    const secret = this.#options.secrets.spend(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
    if (typeof secret === 'string') return refuse(401, secret, 'The ephemeral key opens nothing.');
    const peer = await this.#options.openPeer(sdp);
    accept(this.#open(peer, secret.session, url.searchParams.get('webrtcfilter') === 'on'), peer.answer);
  }

  #open(peer: Peer, minted: Record<string, unknown>, isFiltered: boolean): RealtimeCall {
    const id = createWireId('rtc');
    const sidebands = new Set<WebSocket>();
    const session = this.#options.begin(minted, {
      send: (message) => {
        for (const socket of sidebands) socket.send(message);
        if (!isFiltered || isShownToPage(String(message))) peer.send(String(message));
      },
      play: (samples) => peer.play(samples),
      close: (code, reason) => {
        this.#calls.delete(id);
        clearTimeout(timer);
        for (const socket of sidebands) {
          if (code === 1006) socket.terminate();
          else socket.close(code, reason);
        }
        peer.close();
      },
    });
    const drop = () => this.#options.end(session, overCode);
    const timer = setTimeout(drop, connectTimeoutMs);
    peer.listen({
      onConnected: () => {
        clearTimeout(timer);
        session.start();
      },
      onAudio: (samples) => session.hear(samples, peerSampleRate),
      onMessage: (text) => session.receive(text),
      onClosed: drop,
    });
    const call = { id, session, sidebands, isFiltered, drop };
    this.#calls.set(id, call);
    return call;
  }
}
