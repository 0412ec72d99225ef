// One WebSocket to a realtime voice service: opens it, keeps watch over it, and tells why it went away.
import { WebSocket } from 'ws';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { within } from '../../../shared/within.ts';
import { HotSocket } from '../../wire/hot-socket.ts';
import { dialerOf } from '../../wire/shared-reads.ts';
import { audioAppend } from './realtime-messages.ts';

export interface RealtimeAccess {
  /** Without credentials: those go into headers only. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Entra ID; asked once a connection when there is no key. */
  readonly getToken?: (() => Promise<string>) | undefined;
  /** How errors call it. */
  readonly service: string;
}

export interface RealtimeLinkOptions {
  readonly access: RealtimeAccess;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface RealtimeLinkListener {
  onMessage(text: string): void;
  /** A message as bytes, before anybody else reads it; true: it was understood, and is done with. */
  readAudio?(bytes: Buffer, start: number, end: number): boolean;
  /** Comes once, last; without an error when we closed the link. */
  onClose(error: AppError | undefined): void;
}

/** A service that takes longer to accept a connection is of no use on the phone. */
const connectTimeoutMs = 5_000;
/** Without this a connection that died without a word is found out by the caller. */
const pingEveryMs = 5_000;
/** A session as the service tells it, with long instructions, is some 100 kB; a delta of audio 16 kB. */
const maxMessageBytes = 4 * 1024 * 1024;
/** Eight seconds of PCM at 24 kHz: a service so far behind cannot hold a conversation. */
const maxBufferedBytes = 512 * 1024;
/** What a service says before it is asked: one event. */
const maxEarlyMessages = 64;
/** How long a peer may take to end its side of the socket. */
const closeTimeoutMs = 1_000;

export class RealtimeLink {
  readonly #options: RealtimeLinkOptions;
  readonly #socket: WebSocket;
  #sendAudio: ((audio: Buffer) => void) | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #answered = true;
  #error: AppError | undefined;
  #closing = false;
  #listener: RealtimeLinkListener | undefined;
  #early: string[] = [];
  #isOver = false;

  private constructor(options: RealtimeLinkOptions, socket: WebSocket) {
    this.#options = options;
    this.#socket = socket;
  }

  /** Rejects with MODEL_REFUSED, MODEL_THROTTLED or MODEL_UNAVAILABLE, or with the reason of the signal. */
  static async open(options: RealtimeLinkOptions): Promise<RealtimeLink> {
    const { access, signal } = options;
    const headers = await createHeaders(access, signal);
    const socket = new WebSocket(access.url, {
      headers,
      // Deflate costs ten times what all else of a message does, and audio in base64 hardly shrinks.
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      createConnection: dialerOf(access.url),
    });
    const link = new RealtimeLink(options, socket);
    await link.#connect();
    return link;
  }

  get isOpen(): boolean {
    return !this.#closing && this.#socket.readyState === WebSocket.OPEN;
  }

  /** One listener at a time: the next one takes over. What comes while there is none waits for it. */
  listen(listener: RealtimeLinkListener | undefined): void {
    this.#listener = listener;
    while (this.#listener && this.#early.length > 0) this.#listener.onMessage(this.#early.shift()!);
    if (this.#isOver) this.#listener?.onClose(this.#error);
  }

  send(text: string): void {
    if (this.#maySend()) this.#socket.send(text);
  }

  sendAudio(audio: Buffer): void {
    if (this.#maySend()) this.#sendAudio?.(audio);
  }

  /** Cuts the connection for a reason of ours. */
  fail(error: AppError): void {
    if (this.#closing) return;
    this.#error ??= error;
    this.#end(() => this.#socket.terminate());
  }

  /** Idempotent; the first reason stands. */
  close(): void {
    if (!this.#closing) this.#end(() => this.#socket.close(1000));
  }

  async #connect(): Promise<void> {
    const { access, signal, log } = this.#options;
    const { service } = access;
    const socket = this.#socket;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.on('error', (error) => {
      log.debug({ error, service }, 'the connection to a voice service failed');
      reject(new AppError('MODEL_UNAVAILABLE', { service }, { cause: error }));
    });
    socket.once('unexpected-response', (_request, { statusCode = 0 }) => {
      reject(refusal(service, statusCode));
    });
    socket.once('open', () => {
      this.#watch();
      resolve();
    });
    const isTooSlow = () => {
      throw new AppError('MODEL_UNAVAILABLE', `${service} takes no connection in ${connectTimeoutMs} ms.`);
    };
    try {
      await within(connectTimeoutMs, promise, isTooSlow, signal);
    } catch (error) {
      this.#closing = true;
      socket.terminate();
      throw error;
    }
  }

  /** Set up in the very tick of the upgrade: the first event may be in the same packet. */
  #watch(): void {
    const { access } = this.#options;
    const socket = this.#socket;
    const hot = new HotSocket(socket, false, (bytes, start, end) => this.#readAudio(bytes, start, end));
    this.#sendAudio = hot.createSender(audioAppend);
    socket.on('message', (data, isBinary) => {
      this.#answered = true;
      // There are no binary messages in this protocol.
      if (!isBinary && !this.#closing) this.#deliver(data.toString());
    });
    socket.on('pong', () => {
      this.#answered = true;
    });
    socket.once('close', (code, reason) => {
      clearInterval(this.#pinger);
      if (!this.#closing) this.#error = lossOf(access.service, code, reason.toString());
      this.#closing = true;
      this.#isOver = true;
      this.#listener?.onClose(this.#error);
    });
    this.#pinger = setInterval(() => {
      if (!this.#answered) {
        this.fail(new AppError('MODEL_UNAVAILABLE', `${access.service} does not answer any more.`));
        return;
      }
      this.#answered = false;
      socket.ping();
    }, pingEveryMs);
  }

  #maySend(): boolean {
    if (!this.isOpen) return false;
    if (this.#socket.bufferedAmount <= maxBufferedBytes) return true;
    this.fail(new AppError('MODEL_UNAVAILABLE', `${this.#options.access.service} does not read what it is sent.`));
    return false;
  }

  #readAudio(bytes: Buffer, start: number, end: number): boolean {
    if (this.#closing || !this.#listener?.readAudio?.(bytes, start, end)) return false;
    this.#answered = true;
    return true;
  }

  #deliver(text: string): void {
    if (this.#listener) this.#listener.onMessage(text);
    else if (this.#early.push(text) > maxEarlyMessages) {
      this.fail(new AppError('MODEL_PROTOCOL', `${this.#options.access.service} talks before it is asked.`));
    }
  }

  #end(end: () => void): void {
    this.#closing = true;
    clearInterval(this.#pinger);
    const timer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
    this.#socket.once('close', () => clearTimeout(timer));
    end();
  }
}

async function createHeaders(access: RealtimeAccess, signal: AbortSignal): Promise<Record<string, string>> {
  const { apiKey, getToken, service } = access;
  signal.throwIfAborted();
  if (apiKey) return { 'api-key': apiKey };
  if (!getToken) throw new AppError('NOT_CONFIGURED', { what: `a key or an identity for ${service}` });
  const isTooSlow = () => {
    throw new Error(`no token in ${connectTimeoutMs} ms`);
  };
  try {
    return { Authorization: `Bearer ${await within(connectTimeoutMs, getToken, isTooSlow, signal)}` };
  } catch (cause) {
    signal.throwIfAborted();
    throw new AppError('MODEL_REFUSED', `No identity for ${service} can be had.`, { cause });
  }
}

function refusal(service: string, status: number): AppError {
  if (status === 429) return new AppError('MODEL_THROTTLED', { service });
  if (status === 401 || status === 403) {
    return new AppError('MODEL_REFUSED', { service });
  }
  if (status === 404) return new AppError('MODEL_REFUSED', `${service} knows no such deployment or path.`);
  if (status >= 400 && status < 500) return new AppError('MODEL_REFUSED', `${service} answers ${status}.`);
  return new AppError('MODEL_UNAVAILABLE', `${service} answers ${status}.`);
}

/** The end of a session by age is told by the code of going away, and only its words tell it from a restart. */
function lossOf(service: string, code: number, reason: string): AppError {
  if (/session_expired|maximum duration/i.test(reason)) {
    return new AppError('MODEL_SESSION_EXPIRED', { service });
  }
  return new AppError('MODEL_UNAVAILABLE', `${service} closed the connection (${code}).`);
}
