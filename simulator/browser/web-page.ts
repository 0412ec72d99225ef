// A page's end of a call, without a browser: somebody talks by its microphone, and it plays, counts and comes back as the console does.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Phone, phoneFrameMs, phoneSampleRate } from '../caller/phone.ts';
import { startFrameClock } from '../line/frame-clock.ts';
import { StreamResampler } from '../voice/resample.ts';

const wireHz = 24_000;
const frameSamples = (wireHz / 1000) * phoneFrameMs;
const overCode = 1000;
const retryMs = 250;
const maxRetries = 40;

export interface WebPageOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly phone: Phone;
}

export class WebPage {
  readonly #options: WebPageOptions;
  readonly #up = new StreamResampler(phoneSampleRate, wireHz);
  readonly #down = new StreamResampler(wireHz, phoneSampleRate);
  readonly #ended = Promise.withResolvers<number>();
  readonly #stop: () => void;
  #socket: WebSocket | undefined;
  /** What is to be played, and what was played since the last clear. */
  #queue: number[] = [];
  #playedBytes = 0;
  #clear = 0;
  #isAsleep = false;
  /** How often the socket was opened. */
  connections = 0;

  constructor(options: WebPageOptions) {
    this.#options = options;
    this.#stop = startFrameClock(() => this.#beat());
    void this.#connect(0);
  }

  /** Resolves with the code that the last socket was closed with. */
  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  /** The network fails: the page notices at once, and comes back. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** The lid is closed: nothing of the page runs on, and its socket stays open. */
  sleep(): void {
    this.#isAsleep = true;
    this.#stop();
  }

  #beat(): void {
    const { phone } = this.#options;
    const spoken = this.#up.push(phone.speak());
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    if (isOpen && spoken.length > 0)
      this.#socket!.send(Buffer.from(spoken.buffer, spoken.byteOffset, spoken.byteLength));
    const played = this.#queue.splice(0, frameSamples);
    phone.hear(this.#down.push(Int16Array.from({ length: frameSamples }, (_, at) => played[at] ?? 0)));
    if (played.length > 0) {
      this.#playedBytes += played.length * 2;
      this.#tell({ type: 'played', clear: this.#clear, bytes: this.#playedBytes });
    }
    for (const digit of phone.takeKeys()) this.#tell({ type: 'key', digit });
    if (phone.hangsUp) this.#tell({ type: 'hang-up' });
  }

  #tell(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  async #connect(attempt: number): Promise<void> {
    if (attempt > 0) await sleep(retryMs);
    if (this.#isAsleep) return;
    const { url, protocols } = this.#options;
    const socket = new WebSocket(url, [...protocols]);
    this.#socket = socket;
    let isOpen = false;
    socket.on('error', () => {});
    socket.on('open', () => {
      isOpen = true;
      this.connections += 1;
      this.#drop(0);
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.#drop((JSON.parse(String(data)) as { clear: number }).clear);
      else for (let at = 0; at + 1 < data.length; at += 2) this.#queue.push(data.readInt16LE(at));
    });
    socket.on('close', (code) => {
      const tries = isOpen ? 1 : attempt + 1;
      if (code === overCode || tries > maxRetries) this.#end(code);
      else void this.#connect(tries);
    });
  }

  #drop(clear: number): void {
    this.#queue = [];
    this.#playedBytes = 0;
    this.#clear = clear;
  }

  #end(code: number): void {
    this.#stop();
    this.#options.phone.lineClosed();
    this.#ended.resolve(code);
  }
}
