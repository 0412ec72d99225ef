// A page's WebSocket as the caller's leg: PCM both ways, and the page says what it has played.
import type { WebSocket } from 'ws';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { type AudioFormat, pcm24k } from '../audio/audio-format.ts';
import type { Manner } from '../audio/manner.ts';
import type { MediaCounts } from '../audio/media-counts.ts';
import { EarlyEvents } from './early-events.ts';
import { GapWatch } from './gap-watch.ts';
import { MediaSocket } from './media-socket.ts';
import type { MediaTransport, MediaTransportEvent } from './media-transport.ts';
import { SilenceFiller } from './silence-filler.ts';
import {
  formatWebClear,
  formatWebManner,
  formatWebOrder,
  formatWebSign,
  parseWebMessage,
  signEveryMs,
  type WebMessage,
  type WebOrder,
} from './web-messages.ts';
import { WebPlayback } from './web-playback.ts';

export interface WebTransportOptions {
  /** Already upgraded, and admitted. */
  readonly socket: WebSocket;
  readonly log?: Logger;
  readonly counts?: MediaCounts;
  /** Whoever talks has ended the call. */
  readonly onHungUp?: () => void;
  /** The page talks with the voice service itself no more. */
  readonly onCarry?: () => void;
}

export class WebTransport implements MediaTransport {
  readonly carrier = 'web';
  readonly format: AudioFormat = pcm24k;
  readonly #socket: MediaSocket;
  readonly #log: Logger;
  readonly #onHungUp: (() => void) | undefined;
  readonly #onCarry: (() => void) | undefined;
  readonly #playback: WebPlayback;
  readonly #silence: SilenceFiller;
  readonly #events = new EarlyEvents();
  readonly #gaps: GapWatch;
  readonly #signs: NodeJS.Timeout;
  #ignored = 0;
  #hungUp = false;

  constructor({ socket, log = silentLogger, counts, onHungUp, onCarry }: WebTransportOptions) {
    const media = new MediaSocket(socket, {
      onMessage: (text) => this.#receive(text === undefined ? { type: 'malformed' } : parseWebMessage(text)),
      onBinary: (audio) => this.#hear(audio),
      onBroken: (error) => log.error({ error }, 'a media stream of a browser broke something here'),
      onClosing: () => {
        this.#gaps.close();
        clearInterval(this.#signs);
      },
      onClosed: (code, wasSilent) => this.#finish(code, wasSilent),
    });
    this.#socket = media;
    this.#log = log;
    this.#onHungUp = onHungUp;
    this.#onCarry = onCarry;
    this.#playback = new WebPlayback({
      audio: (audio) => media.send(audio),
      clear: (number) => media.send(formatWebClear(number)),
      manner: (manner) => media.send(formatWebManner(manner)),
    });
    this.#silence = new SilenceFiller(pcm24k, (audio) => this.#events.emit({ type: 'audio', audio }), counts);
    this.#gaps = new GapWatch(this.#silence, (work) => media.attempt(work));
    this.#signs = setInterval(() => media.send(formatWebSign()), signEveryMs);
    // 'close' follows and tells the rest.
    socket.on('error', (error) => log.warn({ error }, 'the media socket failed'));
  }

  get sentMs(): number {
    return this.#playback.sentMs;
  }

  get playedMs(): number {
    return this.#playback.playedMs;
  }

  get quietMs(): number {
    return this.#socket.quietMs;
  }

  listen(listener: (event: MediaTransportEvent) => void): void {
    this.#events.listen(listener);
  }

  sendAudio(audio: Buffer): void {
    if (this.#socket.isOpen) this.#playback.add(audio);
  }

  setManner(manner: Manner): void {
    if (this.#socket.isOpen) this.#playback.manner = manner;
  }

  elapse(ms: number): void {
    this.#playback.elapse(ms);
  }

  /** Of a page that talks with the voice service itself: it may begin to, or is to talk through this socket from here on. */
  direct(order: WebOrder): void {
    if (this.#socket.isOpen) this.#socket.send(formatWebOrder(order));
  }

  clearAudio(): void {
    if (this.#socket.isOpen) this.#playback.clear();
  }

  /** A page that is closed with this code does not come back. */
  close(): void {
    this.#socket.close(1000);
  }

  #hear(audio: Buffer): void {
    // Half a sample would make noise of all that follows.
    if (audio.length === 0 || audio.length % 2 !== 0) this.#ignored += 1;
    else this.#silence.receive(audio);
  }

  #receive(message: WebMessage): void {
    switch (message.type) {
      case 'played':
        if (this.#playback.acknowledge(message.clear, message.bytes)) this.#events.emit({ type: 'played-out' });
        return;
      case 'key':
        this.#events.emit({ type: 'dtmf', digit: message.digit });
        return;
      case 'hang-up':
        this.#hungUp = true;
        this.#socket.close(1000);
        return;
      case 'here':
        return;
      case 'carry':
        this.#onCarry?.();
        return;
      case 'said':
        this.#events.emit({ type: 'overheard', turns: message.turns });
        return;
      case 'malformed':
        this.#ignored += 1;
        return;
      default:
        message satisfies never;
    }
  }

  #finish(code: number, wasSilent: boolean): void {
    const { droppedBytes } = this.#playback;
    if (this.#ignored > 0 || droppedBytes > 0)
      this.#log.warn(
        { ignored: this.#ignored, droppedBytes },
        'messages of a browser were not understood, or audio for it found no room',
      );
    const clean = this.#hungUp;
    if (clean) this.#onHungUp?.();
    this.#events.emit({ type: 'closed', clean, code, ...(wasSilent && !clean && { wasSilent }) });
  }
}
