// A carrier's media socket: its messages while it is open, and an end that comes once and in bounded time.
import type { WebSocket } from 'ws';

/** How long a peer may take to end its side of the socket. */
const closeTimeoutMs = 1000;

export interface MediaSocketEvents {
  /** Undefined: a binary message, which no carrier sends. */
  onMessage(text: string | undefined): void;
  /** Nothing is received or sent from here on; `onClosed` follows. */
  onClosing(): void;
  onClosed(code: number): void;
}

export class MediaSocket {
  readonly #socket: WebSocket;
  readonly #events: MediaSocketEvents;
  #isOpen = true;

  /** Errors of the socket are the business of whoever accepted it: a close follows each. */
  constructor(socket: WebSocket, events: MediaSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('message', (data, isBinary) => {
      if (this.#isOpen) events.onMessage(isBinary ? undefined : String(data));
    });
    socket.once('close', (code) => {
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

  send(text: string): void {
    if (this.#isOpen) this.#socket.send(text);
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

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#events.onClosing();
  }
}
