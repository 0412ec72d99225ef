// A carrier's media socket: its messages while it is open, and an end that comes once and in bounded time.
import type { WebSocket } from 'ws';

/** How long a peer may take to end its side of the socket. */
const closeTimeoutMs = 1000;
/** A carrier sends every 20 ms, or now and then in a caller's silence; pings keep even a silent one answering. */
const pingEveryMs = 20_000;
/** Three pings without any sign of life: the connection is gone, and nobody closed it. */
const maxQuietMs = 3 * pingEveryMs;

export interface MediaSocketEvents {
  /** Undefined: a binary message, which no carrier sends. */
  onMessage(text: string | undefined): void;
  /** What came broke something here. The socket is cut: the carrier may open another one. */
  onBroken(error: unknown): void;
  /** Nothing is received or sent from here on; `onClosed` follows. */
  onClosing(): void;
  onClosed(code: number): void;
}

export class MediaSocket {
  readonly #socket: WebSocket;
  readonly #events: MediaSocketEvents;
  readonly #pings: NodeJS.Timeout;
  #quietMs = 0;
  #isOpen = true;

  /** Errors of the socket are the business of whoever accepted it: a close follows each. */
  constructor(socket: WebSocket, events: MediaSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('message', (data, isBinary) => {
      this.#quietMs = 0;
      this.attempt(() => events.onMessage(isBinary ? undefined : String(data)));
    });
    socket.on('pong', () => {
      this.#quietMs = 0;
    });
    this.#pings = setInterval(() => this.#checkLife(), pingEveryMs);
    socket.once('close', (code) => {
      clearInterval(this.#pings);
      this.#leave();
      events.onClosed(code);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Sent, and not yet read by the carrier. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Does what a message or a timer of this leg asks for, while it is open: what breaks there is this leg's, not the process's. */
  attempt(work: () => void): void {
    if (!this.#isOpen) return;
    try {
      work();
    } catch (error) {
      this.#events.onBroken(error);
      this.#socket.terminate();
    }
  }

  /** Without effect once it is closing. */
  send(text: string): void {
    this.#socket.send(text);
  }

  /** The carrier ends it now; if it does not, we do. */
  awaitEnd(): void {
    if (!this.#isOpen) return;
    this.#leave();
    const timer = setTimeout(() => this.#socket.terminate(), closeTimeoutMs);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Idempotent. */
  close(code: number): void {
    if (!this.#isOpen) return;
    this.awaitEnd();
    this.#socket.close(code);
  }

  /** Ends as any broken connection does: the carrier may open another one. */
  #checkLife(): void {
    this.#quietMs += pingEveryMs;
    if (this.#quietMs >= maxQuietMs) this.#socket.terminate();
    else this.#socket.ping();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#events.onClosing();
  }
}
