// A carrier's media socket: its messages while it is open, and an end that comes once and in bounded time.
import type { WebSocket } from 'ws';
import type { AudioMessage } from '../wire/audio-frames.ts';
import { HotSocket } from '../wire/hot-socket.ts';

/** How long a peer may take to end its side of the socket. */
const closeTimeoutMs = 1000;
/**
 * A carrier sends every 20 ms. One that sent nothing for so long is gone, though nobody closed the connection: a hiccup of the
 * network is shorter, and a caller who hears nothing says "hello?" by then. Four times what makes room for a newer socket (MediaLeg).
 */
const maxQuietMs = 2_000;
const checkEveryMs = 250;
/** Who was held up himself for so long cannot tell whose silence it was: what came meanwhile is still to be read. */
const maxHeldUpMs = 1_000;

export interface MediaSocketEvents {
  /** This carrier sends nothing while the caller is silent: then an answer to a ping is a sign of life too. */
  mayRest?(): boolean;
  /** A text message as bytes, before anybody else reads it; true: it was understood, and is done with. */
  readAudio?(bytes: Buffer, start: number, end: number): boolean;
  /** Undefined: a binary message, which carriers of phones do not send. */
  onMessage(text: string | undefined): void;
  /** For those who take binary messages. */
  onBinary?(data: Buffer): void;
  /** What came broke something here. The socket is cut: the carrier may open another one. */
  onBroken(error: unknown): void;
  /** Nothing is received or sent from here on; `onClosed` follows. */
  onClosing(): void;
  /** `wasSilent`: it was given up since nothing came any more. */
  onClosed(code: number, wasSilent: boolean): void;
}

export class MediaSocket {
  readonly #socket: WebSocket;
  readonly #hot: HotSocket;
  readonly #events: MediaSocketEvents;
  readonly #checks: NodeJS.Timeout;
  #heardAtMs = performance.now();
  #lifeAtMs = this.#heardAtMs;
  #checkedAtMs = this.#heardAtMs;
  #isOpen = true;
  #wasSilent = false;

  /** Errors of the socket are the business of whoever accepted it: a close follows each. */
  constructor(socket: WebSocket, events: MediaSocketEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#hot = new HotSocket(socket, true, (bytes, start, end) => this.#readAudio(bytes, start, end));
    socket.on('message', (data, isBinary) => {
      this.#heardAtMs = performance.now();
      this.attempt(() => {
        if (isBinary && events.onBinary) events.onBinary(data as Buffer);
        else events.onMessage(isBinary ? undefined : String(data));
      });
    });
    socket.on('pong', () => {
      this.#lifeAtMs = performance.now();
    });
    this.#checks = setInterval(() => this.#checkLife(), checkEveryMs);
    socket.once('close', (code) => {
      clearInterval(this.#checks);
      this.#leave();
      events.onClosed(code, this.#wasSilent);
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Since the last message of the carrier. */
  get quietMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  /** Sent, and not yet read by the carrier. */
  get bufferedBytes(): number {
    return this.#hot.bufferedBytes;
  }

  /** Does what a message or a timer of this leg asks for, while it is open: what breaks there is this leg's, not the process's. */
  attempt(work: () => void): void {
    if (!this.#isOpen) return;
    try {
      work();
    } catch (error) {
      this.#break(error);
    }
  }

  /** Without effect once it is closing. */
  send(message: string | Buffer): void {
    this.#socket.send(message);
  }

  /** For messages that are alike but for their audio; without effect once it is closing. */
  createSender(message: AudioMessage): (audio: Buffer) => void {
    return this.#hot.createSender(message);
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
    const nowMs = performance.now();
    if (nowMs - this.#checkedAtMs > maxHeldUpMs) this.#heardAtMs = nowMs;
    this.#checkedAtMs = nowMs;
    const lifeAtMs = this.#events.mayRest?.() ? this.#lifeAtMs : 0;
    if (nowMs - Math.max(this.#heardAtMs, lifeAtMs) >= maxQuietMs) {
      // Who has closed it waits for nothing from it.
      this.#wasSilent = this.#isOpen;
      this.#socket.terminate();
    } else if (this.quietMs >= maxQuietMs / 4) this.#socket.ping();
  }

  #readAudio(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#isOpen || !this.#events.readAudio) return false;
    try {
      if (!this.#events.readAudio(bytes, start, end)) return false;
      this.#heardAtMs = performance.now();
    } catch (error) {
      this.#break(error);
    }
    return true;
  }

  #break(error: unknown): void {
    this.#events.onBroken(error);
    this.#socket.terminate();
  }

  #leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#events.onClosing();
  }
}
