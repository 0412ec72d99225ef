// The carrier's leg of a call with somebody listening in on both directions: a media transport like the one inside.
import type { Manner } from '../../audio/manner.ts';
import type { MediaTransport, MediaTransportEvent } from '../../transports/media-transport.ts';

export interface MediaTap {
  callerSaid(audio: Buffer): void;
  /** `inMs`: so much later it is heard, if it is not cleared. */
  agentSays(audio: Buffer, inMs: number): void;
  agentCut(): void;
}

export class TappedTransport implements MediaTransport {
  readonly #inner: MediaTransport;
  readonly #tap: MediaTap;

  constructor(inner: MediaTransport, tap: MediaTap) {
    this.#inner = inner;
    this.#tap = tap;
  }

  get carrier() {
    return this.#inner.carrier;
  }

  get format() {
    return this.#inner.format;
  }

  get sentMs() {
    return this.#inner.sentMs;
  }

  get playedMs() {
    return this.#inner.playedMs;
  }

  get quietMs() {
    return this.#inner.quietMs;
  }

  listen(listener: (event: MediaTransportEvent) => void): void {
    this.#inner.listen((event) => {
      if (event.type === 'audio') this.#tap.callerSaid(event.audio);
      listener(event);
    });
  }

  sendAudio(audio: Buffer): void {
    this.#tap.agentSays(audio, this.#inner.sentMs - this.#inner.playedMs);
    this.#inner.sendAudio(audio);
  }

  setManner(manner: Manner): void {
    this.#inner.setManner(manner);
  }

  elapse(ms: number): void {
    this.#inner.elapse?.(ms);
  }

  clearAudio(): void {
    this.#inner.clearAudio();
    this.#tap.agentCut();
  }

  close(): void {
    this.#inner.close();
  }
}
