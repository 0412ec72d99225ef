// A request to become a WebSocket: accepted once, or refused with a plain HTTP answer that says why.
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { AppError } from '../shared/errors.ts';

/** A peer that reads has the answer by then; one that does not is not waited for. */
const lingerMs = 500;
/** Close codes of WebSocket for a peer that is not let in, and for a fault of ours. */
const refusedCode = 1008;
const failedCode = 1011;

/** Holds nothing, for as long as there is a connection. */
const ignore = () => {};

export interface UpgradeOptions {
  readonly sockets: WebSocketServer;
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Called once the peer has shown a credential. */
  readonly onTrusted: () => void;
}

export class Upgrade {
  readonly request: IncomingMessage;
  /** By `performance.now()`. */
  readonly askedAt = performance.now();
  readonly #options: UpgradeOptions;
  readonly #closed: Promise<never>;
  #accepted: WebSocket | undefined;

  /** To be made as soon as the request is there: a socket tells of its end only once. */
  constructor(options: UpgradeOptions) {
    this.request = options.request;
    this.#options = options;
    const { promise, reject } = Promise.withResolvers<never>();
    options.socket.once('close', () => reject(new AppError('BAD_REQUEST', 'the connection closed during the upgrade')));
    promise.catch(() => {});
    this.#closed = promise;
  }

  trust(): void {
    this.#options.onTrusted();
  }

  /** Until then a throw is answered in HTTP. Rejects also when the peer is gone meanwhile. */
  async accept(): Promise<WebSocket> {
    const { sockets, request, socket, head } = this.#options;
    // ws neither calls back for a socket that is gone nor for a bad handshake, which it answers itself.
    const accepted = new Promise<WebSocket>((resolve) => {
      if (!socket.destroyed) sockets.handleUpgrade(request, socket, head, resolve);
    });
    this.#accepted = await Promise.race([this.#closed, accepted]);
    // Each leg listens too; between here and there, and where there is none, an error must not end the process.
    this.#accepted.on('error', ignore);
    return this.#accepted;
  }

  refuse(error: unknown): void {
    // Once it is a WebSocket, an HTTP answer would be noise on it. Closed already, it keeps the code it was closed with.
    if (this.#accepted) this.#accepted.close(error instanceof AppError ? refusedCode : failedCode);
    else this.#answer(error);
  }

  /** A connection that is only half closed would stay for as long as its peer likes. */
  #answer(error: unknown): void {
    const { socket } = this.#options;
    socket.end(formatRefusal(error));
    // What is still sent is thrown away: unread, it would reset the connection before the answer is there.
    socket.resume();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  }
}

function formatRefusal(error: unknown): string {
  const { status, code, message } =
    error instanceof AppError ? error : { status: 500, code: 'INTERNAL', message: 'something went wrong here' };
  const body = JSON.stringify({ error: { code, message } });
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}
