// A page's end of a call, without a browser: somebody talks by its microphone, and it plays, counts and comes back as the console does.
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { PageTurns } from '../../shared/call/page-turns.ts';
import { type Phone, phoneFrameMs, phoneSampleRate } from '../caller/phone.ts';
import { ByteQueue } from '../line/byte-queue.ts';
import { startFrameClock } from '../line/frame-clock.ts';
import type { PagePeer } from '../realtime/webrtc/wire-peers.ts';
import { decodeAudio, encodeAudio, pcm24k } from '../voice/audio-format.ts';
import { StreamResampler } from '../voice/resample.ts';

const wireHz = 24_000;
const frameBytes = (wireHz / 1000) * phoneFrameMs * 2;
const overCode = 1000;
const retryMs = 250;
/** Nobody serves it for so long: it was tried, and is in vain. */
const giveUpMs = 12_000;
/** A bridge that does not take the socket in so long hangs: the next one comes to another. */
const openWithinMs = 5_000;
/** A bridge that says nothing for so long is out of reach. */
const maxSilenceMs = 3_000;
/** The API is told of a hang-up so often, until it takes it. */
const hangUpPausesMs = [1_000, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/** A page that says nothing by its socket says so, in beats. */
const beatsASign = 10;

type BridgeMessage = { type: 'clear'; clear: number } | { type: 'here' | 'joined' | 'carry' | 'manner' };

/** What goes wrong with what pages say, as switches a test may turn at any time. */
export interface WebPageFaults {
  /** What a page says in place of what it meant. */
  alter(text: string): string;
}

export interface WebPageOptions {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly phone: Phone;
  /** The page talks with the voice service itself, and by its socket only when it is told to. */
  readonly peer?: PagePeer;
  readonly faults?: WebPageFaults;
  /** Tells the API that whoever talks has hung up. Resolves to whether it took that. */
  readonly tellHungUp?: () => Promise<boolean>;
}

export class WebPage {
  readonly #options: WebPageOptions;
  readonly #up = new StreamResampler(phoneSampleRate, wireHz);
  readonly #down = new StreamResampler(wireHz, phoneSampleRate);
  readonly #ended = Promise.withResolvers<number>();
  readonly #stop: () => void;
  #socket: WebSocket | undefined;
  /** What is to be played, and what was played since the last clear. */
  readonly #queue = new ByteQueue();
  /** From the service itself. */
  readonly #heardDirectly = new ByteQueue();
  #playedBytes = 0;
  #clear = 0;
  #isAsleep = false;
  #peer: PagePeer | undefined;
  /** Before the bridge is at its side, nobody there is to hear it. */
  #isJoined = false;
  #beats = 0;
  #hangingUp: Promise<void> | undefined;
  readonly #turns = new PageTurns((turns) => this.#peer && this.#tell({ type: 'said', turns }));
  /** Nobody serves it: from the beginning, or since it lost its socket. */
  #awaySinceMs: number | undefined = performance.now();
  /** How often the socket was opened. */
  connections = 0;
  /** It left the service for its socket. */
  hasCarried = false;
  #isOver = false;
  /** When that was, and until when; by performance.now(). */
  readonly sockets: { readonly fromMs: number; toMs?: number }[] = [];
  readonly received: { readonly atMs: number; readonly bytes: number }[] = [];
  /** It was told to drop what it had not played. */
  readonly clears: { readonly atMs: number; readonly droppedBytes: number }[] = [];

  constructor(options: WebPageOptions) {
    this.#options = options;
    this.#peer = options.peer;
    options.peer?.listen({
      onConnected() {},
      onMessage: (text) => this.#turns.receive(text, performance.now()),
      onAudio: (samples) => {
        if (this.#peer) this.#heardDirectly.push(encodeAudio(samples, pcm24k));
      },
      onClosed: () => this.carry(),
    });
    this.#stop = startFrameClock(() => this.#beat());
    this.#open();
  }

  /** Resolves with the code that the last socket was closed with. */
  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The network fails: the page notices at once, and comes back. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** What is between it and the service is gone, or it was told to leave it. */
  carry(): void {
    const peer = this.#peer;
    if (!peer) return;
    this.#peer = undefined;
    this.hasCarried = true;
    peer.close();
    this.#tell({ type: 'carry' });
  }

  /** The lid is closed: nothing of the page runs on, and what it has opened stays open. */
  sleep(): void {
    this.#isAsleep = true;
    this.#stop();
  }

  #beat(): void {
    const { phone } = this.#options;
    const spoken = this.#up.push(phone.speak());
    const isOpen = this.#socket?.readyState === WebSocket.OPEN;
    this.#beats += 1;
    if (this.#peer) {
      this.#peer.play(this.#isJoined ? spoken : new Int16Array(spoken.length));
      if (this.#beats % beatsASign === 0) this.#tell({ type: 'here' });
    } else if (isOpen && spoken.length > 0)
      this.#socket!.send(Buffer.from(spoken.buffer, spoken.byteOffset, spoken.byteLength));
    const played = this.#queue.take(frameBytes);
    const mix = decodeAudio(Buffer.concat([played], frameBytes), pcm24k);
    const direct = decodeAudio(this.#heardDirectly.take(frameBytes), pcm24k);
    for (let at = 0; at < direct.length; at++) mix[at]! += direct[at]!;
    phone.hear(this.#down.push(mix));
    if (played.length > 0) {
      this.#playedBytes += played.length;
      this.#tell({ type: 'played', clear: this.#clear, bytes: this.#playedBytes });
    }
    for (const digit of phone.takeKeys()) this.#tell({ type: 'key', digit });
    if (!phone.hangsUp) return;
    this.#tell({ type: 'hang-up' });
    this.#hangingUp ??= this.#tellHungUp();
  }

  #tell(message: object): void {
    const { faults } = this.#options;
    const text = JSON.stringify(message);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(faults ? faults.alter(text) : text);
  }

  /** Also when its socket is closed by then: the bridge may be lost with what it was told. */
  async #tellHungUp(): Promise<void> {
    const { tellHungUp } = this.#options;
    for (const pauseMs of tellHungUp ? hangUpPausesMs : []) {
      await sleep(pauseMs);
      if (this.#isAsleep || (await tellHungUp!().catch(() => false))) return;
    }
  }

  /** What cannot be opened at all ends the page: its clock would go on for ever. */
  #open(afterMs = 0): void {
    this.#connect(afterMs).catch(() => this.#end(1006));
  }

  async #connect(afterMs: number): Promise<void> {
    if (afterMs > 0) await sleep(afterMs);
    if (this.#isAsleep) return;
    const { url, protocols } = this.#options;
    const usual = protocols.filter((protocol) => this.#peer || !protocol.startsWith('parley.webrtc.'));
    const socket = new WebSocket(url, usual);
    this.#socket = socket;
    let isOpen = false;
    socket.on('error', () => {});
    let silence: NodeJS.Timeout | undefined;
    const expectSign = (withinMs: number) => {
      clearTimeout(silence);
      silence = setTimeout(() => this.#isAsleep || socket.terminate(), withinMs);
    };
    expectSign(openWithinMs);
    socket.on('open', () => {
      expectSign(maxSilenceMs);
      isOpen = true;
      this.#awaySinceMs = undefined;
      this.connections += 1;
      this.sockets.push({ fromMs: performance.now() });
      this.#drop(0);
      this.#turns.reopened();
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (this.#isAsleep) return;
      expectSign(maxSilenceMs);
      if (!isBinary) return this.#obey(JSON.parse(String(data)) as BridgeMessage);
      this.received.push({ atMs: performance.now(), bytes: data.length });
      this.#queue.push(data.subarray(0, data.length - (data.length % 2)));
    });
    socket.on('close', (code) => {
      clearTimeout(silence);
      // Nobody is there to notice.
      if (this.#isAsleep) return;
      if (isOpen) this.sockets.at(-1)!.toMs = performance.now();
      this.#turns.lost();
      this.#awaySinceMs ??= performance.now();
      if (code === overCode || performance.now() - this.#awaySinceMs > giveUpMs) this.#end(code);
      else this.#open(retryMs);
    });
  }

  #obey(message: BridgeMessage): void {
    if (message.type === 'clear') {
      this.clears.push({ atMs: performance.now(), droppedBytes: this.#queue.bytes });
      this.#drop(message.clear);
    }
    if (message.type === 'carry') this.carry();
    if (message.type === 'joined') {
      this.#isJoined = true;
      this.#turns.joined();
    }
  }

  #drop(clear: number): void {
    this.#queue.clear();
    this.#playedBytes = 0;
    this.#clear = clear;
  }

  #end(code: number): void {
    this.#stop();
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.close();
    this.#isOver = true;
    this.#options.phone.lineClosed();
    this.#ended.resolve(code);
  }
}
