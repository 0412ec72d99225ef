// The carrier's side of a call: the media socket in use, and the wait for another one when it is lost.
import type { Floor } from '../../shared/call/call.ts';
import type { AudioFormat } from '../audio/audio-format.ts';
import type { Manner } from '../audio/manner.ts';
import type { MediaTransport, MediaTransportEvent } from '../transports/media-transport.ts';
import type { CallJournal } from './call-journal.ts';
import { type WorkOwner, workOf } from './work-owner.ts';

/** A carrier that lost its socket opens another one within seconds; the caller then hears the same agent go on. */
const graceMs = 10_000;
/** One that cannot be asked for it now is waited for, and nobody else would ask it later; people hang up sooner. */
const longestGraceMs = 60_000;
const lookEveryMs = 1_000;

/**
 * A socket that was silent for so long has missed 25 frames. Whoever opens another one meanwhile is the carrier that gave it up;
 * without another one the transport itself ends it after 2 s.
 */
const replaceableMs = 500;

export interface MediaLegOptions {
  readonly transport: MediaTransport;
  /** Around each transport that the call gets. */
  readonly tap?: ((transport: MediaTransport) => MediaTransport) | undefined;
  readonly replica: string;
  readonly journal: Pick<CallJournal, 'record'>;
  /** The carrier was asked for another socket, and cannot open one yet. */
  readonly isPutOff?: () => boolean;
}

export type MediaLegEvent = Exclude<MediaTransportEvent, { type: 'closed' }>;

export interface MediaLegListener extends WorkOwner {
  onEvent(event: MediaLegEvent): void;
  /** Another one is awaited. `wasSilent`: it was given up since nothing came through it; its carrier may think that it is sound. */
  onLost(wasSilent: boolean): void;
  /** The carrier ended the stream in order, or opened no other one in time. Called once, and not after `close()`. */
  onEnded(): void;
}

/** How a call was left that goes to another replica: who had the word, and for how long the line had been silent. */
export interface Parting {
  readonly handedOver: Floor;
  readonly silentMs: number;
}

/** Speaks like the transport it has. Another transport has a timeline of its own, which begins at zero. */
export class MediaLeg
  implements
    Pick<MediaTransport, 'format' | 'sentMs' | 'playedMs' | 'sendAudio' | 'elapse' | 'setManner' | 'clearAudio'>
{
  readonly #options: MediaLegOptions;
  readonly #listener: MediaLegListener;
  #transport: MediaTransport;
  #manner: Manner = 'steady';
  #grace: NodeJS.Timeout | undefined;
  #isConnected = false;
  #isOver = false;
  #leave: (() => Parting) | undefined;

  constructor(options: MediaLegOptions, listener: MediaLegListener) {
    this.#options = options;
    this.#listener = listener;
    this.#transport = this.#tap(options.transport);
  }

  get format(): AudioFormat {
    return this.#transport.format;
  }

  get sentMs(): number {
    return this.#transport.sentMs;
  }

  get playedMs(): number {
    return this.#transport.playedMs;
  }

  /** False while the carrier's socket is lost and another one is awaited. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** A newer socket of the carrier may take the place of the one there is: it is lost, or as good as lost. */
  get isReplaceable(): boolean {
    return !this.#isConnected || this.#transport.quietMs >= replaceableMs;
  }

  start(): void {
    if (this.#isOver) return;
    this.#listen(this.#transport);
  }

  /**
   * The carrier opened its socket again: nothing of the one before is listened to any more. `goesOn`: what the caller hears does
   * not come through it, and time goes on.
   */
  replace(newer: MediaTransport, { goesOn } = { goesOn: false }): void {
    const transport = this.#tap(newer);
    if (this.#isOver) {
      transport.close();
      return;
    }
    clearTimeout(this.#grace);
    this.#leave = undefined;
    const before = this.#transport;
    this.#transport = transport;
    if (goesOn) transport.elapse?.(before.playedMs);
    before.close();
    this.#listen(transport);
  }

  /**
   * The carrier is asked to bring the call to another replica: whatever ends this socket, the call goes on. `leave`: called at its end.
   */
  letGo(leave: () => Parting): void {
    this.#leave = leave;
  }

  sendAudio(audio: Buffer): void {
    this.#transport.sendAudio(audio);
  }

  elapse(ms: number): void {
    this.#transport.elapse?.(ms);
  }

  setManner(manner: Manner): void {
    this.#manner = manner;
    this.#transport.setManner(manner);
  }

  clearAudio(): void {
    this.#transport.clearAudio();
  }

  /** Idempotent. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#grace);
    const wasConnected = this.#isConnected;
    this.#isConnected = false;
    if (wasConnected) this.#recordStopped(true);
    this.#transport.close();
  }

  #tap(transport: MediaTransport): MediaTransport {
    return this.#options.tap?.(transport) ?? transport;
  }

  #listen(transport: MediaTransport): void {
    this.#isConnected = true;
    this.#options.journal.record({ type: 'media-started', replica: this.#options.replica });
    if (this.#manner !== 'steady') transport.setManner(this.#manner);
    transport.listen(workOf(this.#listener, (event) => this.#receive(transport, event)));
  }

  #receive(transport: MediaTransport, event: MediaTransportEvent): void {
    // Late events of a transport that was replaced say nothing about the call.
    if (transport !== this.#transport || this.#isOver) return;
    if (event.type === 'closed') this.#onClosed(event);
    else this.#listener.onEvent(event);
  }

  #onClosed({ clean, wasSilent }: Extract<MediaTransportEvent, { type: 'closed' }>): void {
    this.#isConnected = false;
    const parting = this.#leave?.();
    this.#recordStopped(clean, parting);
    if (clean && !parting) {
      this.#listener.onEnded();
      return;
    }
    this.#grace = setTimeout(() => this.#waitOn(graceMs), graceMs);
    // Whoever gives the call away sees to its socket.
    if (!parting) this.#listener.onLost(wasSilent === true);
  }

  #waitOn(waitedMs: number): void {
    if (waitedMs >= longestGraceMs || !this.#options.isPutOff?.()) this.#listener.onEnded();
    else this.#grace = setTimeout(() => this.#waitOn(waitedMs + lookEveryMs), lookEveryMs);
  }

  #recordStopped(clean: boolean, parting?: Parting): void {
    this.#options.journal.record({ type: 'media-stopped', replica: this.#options.replica, clean, ...parting });
  }
}
