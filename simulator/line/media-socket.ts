// The socket that a carrier opens to the application for the sound of a call, over a link that may be slow, uneven or dead.
import { type ClientOptions, WebSocket } from 'ws';
import { DelayLine } from './delay-line.ts';

/** All off at first. */
export interface LinkFaults {
  /** The socket cannot be opened. */
  refuse: boolean;
  /** It opens, but nothing ever comes through it, nor is anything read: not even a ping. */
  blackHole: boolean;
  /** Each message takes so long, whichever way it goes: half of the round trip. */
  oneWayMs: number;
  /** What the carrier sends leaves up to this much late, in order. */
  jitterMs: number;
  /** After each message the carrier's reader rests so long. */
  slowReadMs: number;
  /** Frames of the caller's voice that never leave, by their place in the stream. */
  skipFrame: (streamMs: number) => boolean;
  /** What the carrier says in place of what it meant. */
  alter(text: string): string;
}

export function createLinkFaults(): LinkFaults {
  return {
    refuse: false,
    blackHole: false,
    oneWayMs: 0,
    jitterMs: 0,
    slowReadMs: 0,
    skipFrame: () => false,
    alter: (text) => text,
  };
}

export interface MediaSocketOptions {
  readonly faults: LinkFaults;
  readonly random: () => number;
  readonly connection: Pick<ClientOptions, 'headers' | 'maxPayload' | 'handshakeTimeout'>;
  /** Ends it without a word. */
  readonly signal: AbortSignal;
  onOpen(): void;
  /** Undefined: a binary message, which no carrier knows. */
  onMessage(text: string | undefined): void;
  /** It never opened. */
  onRefused(detail: string): void;
  /** It was open, and `close` was not called. */
  onLost(code: number): void;
}

/** Some 10 s of frames: an application that reads nothing for longer loses frames, not the stand-in its memory. */
const maxUnsentBytes = 512 * 1024;
const closeWithinMs = 1_000;
/** A kernel tries for so long to tell an end that does not answer; then it forgets the connection. */
const deadWithinMs = 120_000;

export class MediaSocket {
  readonly #options: MediaSocketOptions;
  readonly #outward = new DelayLine();
  readonly #inward = new DelayLine();
  #socket: WebSocket | undefined;
  /** Nobody wants to hear of it any more. */
  #closed = false;
  #dead = false;

  constructor(options: MediaSocketOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && !this.#closed;
  }

  /** The application does not read: what is sent now would only wait. */
  get isClogged(): boolean {
    return (this.#socket?.bufferedAmount ?? 0) > maxUnsentBytes;
  }

  open(url: string | URL): void {
    const { faults, connection, signal } = this.#options;
    if (faults.refuse) {
      this.#refused('refused by the fault knob');
      return;
    }
    let socket: WebSocket;
    try {
      socket = new WebSocket(url, { perMessageDeflate: false, ...connection });
    } catch (error) {
      this.#refused(String(error));
      return;
    }
    this.#socket = socket;
    let opened = false;
    let failure = 'closed';
    const terminate = () => socket.terminate();
    signal.addEventListener('abort', terminate);
    socket.on('open', () => {
      opened = true;
      if (faults.blackHole) this.goDead();
      if (!this.#closed) this.#options.onOpen();
    });
    socket.on('message', (data, isBinary) => {
      this.#take(() => this.#options.onMessage(isBinary ? undefined : data.toString()));
      this.#rest(socket);
    });
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', (code) => {
      signal.removeEventListener('abort', terminate);
      if (!opened) this.#refused(failure);
      else this.#take(() => this.#options.onLost(code));
    });
  }

  send(text: string): void {
    if (!this.isOpen) return;
    const { faults, random } = this.#options;
    const told = faults.alter(text);
    this.#leave((socket) => socket.send(told), faults.oneWayMs + random() * faults.jitterMs);
  }

  /** In order: what was sent goes out first. Nothing is told any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#dead) setTimeout(() => this.drop(), deadWithinMs).unref();
    this.#leave((socket) => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), closeWithinMs).unref();
    }, this.#options.faults.oneWayMs);
  }

  /** As if the network between the carrier and the application went away. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** What the carrier sends is held up so long, and then comes in one burst. */
  stallFor(ms: number): void {
    this.#outward.holdFor(ms);
  }

  /** Open for ever, at both ends, and nothing goes through: a link that was cut without a word. */
  goDead(): void {
    this.#dead = true;
    this.#socket?.pause();
  }

  #leave(act: (socket: WebSocket) => void, delayMs: number): void {
    this.#outward.send(() => {
      const socket = this.#socket;
      if (socket && !this.#dead && socket.readyState !== WebSocket.CLOSED) act(socket);
    }, delayMs);
  }

  #take(act: () => void): void {
    this.#inward.send(() => {
      if (!this.#closed && !this.#dead) act();
    }, this.#options.faults.oneWayMs);
  }

  /** What was read already still comes; the rest backs up on the application's side. */
  #rest(socket: WebSocket): void {
    const { slowReadMs } = this.#options.faults;
    if (slowReadMs === 0 || socket.isPaused) return;
    socket.pause();
    setTimeout(() => !this.#dead && socket.resume(), slowReadMs);
  }

  #refused(detail: string): void {
    if (!this.#closed) this.#options.onRefused(detail);
  }
}
