// An ACS media stream as the carrier's leg of a call.
import type { WebSocket } from 'ws';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { type AudioFormat, isSameFormat, pcm16k, pcm24k } from '../audio/audio-format.ts';
import type { Manner } from '../audio/manner.ts';
import { MediaCounts } from '../audio/media-counts.ts';
import { Playout } from '../audio/playout.ts';
import { AcsAudioReader } from './acs-audio-reader.ts';
import { type AcsMessage, acsAudio, formatAcsStopAudio, parseAcsMessage } from './acs-messages.ts';
import { EarlyEvents } from './early-events.ts';
import { GapWatch } from './gap-watch.ts';
import { MediaSocket } from './media-socket.ts';
import type { MediaTransport, MediaTransportEvent } from './media-transport.ts';
import { SilenceFiller } from './silence-filler.ts';

export interface AcsTransportOptions {
  /** Already upgraded, and admitted. */
  readonly socket: WebSocket;
  /** What was asked of ACS when the call was answered. */
  readonly format: AudioFormat;
  readonly log?: Logger;
  readonly counts?: MediaCounts;
}

/** ACS acknowledges nothing: what is heard is known by sending no further ahead than this. Its jitter stays below. */
const aheadMs = 200;
/** About six seconds of speech that ACS does not read. What is paced and not read will never be heard in time. */
const maxBufferedBytes = 256 * 1024;
/** The first of a kind of trouble is logged, and then one in so many. */
const logEvery = 100;
const protocolErrorCode = 1002;

export class AcsTransport implements MediaTransport {
  readonly carrier = 'acs';
  readonly format: AudioFormat;
  readonly #socket: MediaSocket;
  readonly #log: Logger;
  readonly #counts: MediaCounts;
  readonly #playout: Playout;
  readonly #silence: SilenceFiller;
  readonly #events = new EarlyEvents();
  readonly #reader = new AcsAudioReader();
  readonly #send: (audio: Buffer) => void;
  readonly #gaps: GapWatch;
  /** Whose audio is passed on: the first who speaks in an unmixed stream. Whoever joins later is not the caller. */
  #participant: string | undefined;
  #fromWire: AudioConverter | undefined;
  #toWire: AudioConverter | undefined;
  #malformed = 0;
  #unknown = 0;
  #droppedFrames = 0;

  constructor({ socket, format, log = silentLogger, counts = new MediaCounts() }: AcsTransportOptions) {
    this.format = format;
    this.#counts = counts;
    this.#socket = new MediaSocket(socket, {
      readAudio: (bytes, start, end) => {
        const message = this.#reader.read(bytes, start, end);
        if (message) this.#receive(message);
        return message !== undefined;
      },
      onMessage: (text) => this.#receive(text === undefined ? { type: 'malformed' } : parseAcsMessage(text)),
      onBroken: (error) => log.error({ error }, 'a media stream of ACS broke something here'),
      onClosing: () => this.#stop(),
      onClosed: (code, wasSilent) => this.#finish(code, wasSilent),
    });
    this.#log = log;
    this.#send = this.#socket.createSender(acsAudio);
    this.#playout = new Playout({
      format,
      aheadMs,
      counts,
      send: (frame) => this.#sendFrame(frame),
      onPlayedOut: () => this.#events.emit({ type: 'played-out' }),
    });
    this.#silence = new SilenceFiller(format, (audio) => this.#events.emit({ type: 'audio', audio }), counts);
    this.#gaps = new GapWatch(this.#silence, (work) => this.#socket.attempt(work));
    // 'close' follows and tells the rest.
    socket.on('error', (error) => log.warn({ error }, 'the media socket failed'));
  }

  get sentMs(): number {
    return this.#playout.sentMs;
  }

  get playedMs(): number {
    return this.#playout.playedMs;
  }

  get quietMs(): number {
    return this.#socket.quietMs;
  }

  listen(listener: (event: MediaTransportEvent) => void): void {
    this.#events.listen(listener);
  }

  sendAudio(audio: Buffer): void {
    if (this.#socket.isOpen) this.#playout.enqueue(audio);
  }

  setManner(manner: Manner): void {
    if (this.#socket.isOpen) this.#playout.manner = manner;
  }

  clearAudio(): void {
    if (!this.#socket.isOpen) return;
    this.#playout.clear();
    this.#toWire?.reset();
    this.#socket.send(formatAcsStopAudio());
  }

  close(): void {
    this.#socket.close(1000);
  }

  #receive(message: AcsMessage): void {
    switch (message.type) {
      case 'audio':
        this.#participant ??= message.participant;
        if (message.participant !== undefined && message.participant !== this.#participant) return;
        // Frames marked silent too: a model that does not hear silence does not know that the caller is done.
        this.#silence.receive(this.#fromWire ? this.#fromWire.convert(message.audio) : message.audio);
        return;
      case 'dtmf':
        this.#events.emit({ type: 'dtmf', digit: message.digit });
        return;
      case 'metadata':
        this.#adaptTo(message);
        return;
      case 'unknown':
        this.#unknown += 1;
        if (isToBeLogged(this.#unknown)) {
          this.#log.warn({ kind: formatServiceWord(message.kind), count: this.#unknown }, 'ACS sent an unknown kind');
        }
        return;
      case 'malformed':
        this.#malformed += 1;
        if (isToBeLogged(this.#malformed)) {
          this.#log.warn({ count: this.#malformed }, 'ACS sent a message that cannot be read');
        }
        return;
      default:
        message satisfies never;
    }
  }

  /** The session was built for `format` by now: a stream in another one is converted here rather than lost. */
  #adaptTo({ encoding, sampleRateHz, channels }: Extract<AcsMessage, { type: 'metadata' }>): void {
    const wire = [pcm16k, pcm24k].find(({ sampleRate }) => sampleRate === sampleRateHz);
    if (!wire || encoding.toUpperCase() !== 'PCM' || channels !== 1) {
      const told = { encoding: formatServiceWord(encoding), sampleRateHz, channels };
      this.#log.error(told, 'ACS streams audio that cannot be read');
      this.#socket.close(protocolErrorCode);
      return;
    }
    const isAsked = isSameFormat(wire, this.format);
    if (!isAsked) {
      const expectedHz = this.format.sampleRate;
      this.#log.error({ sampleRateHz, expectedHz }, 'ACS streams at another rate than asked; it is resampled');
    }
    this.#fromWire = isAsked ? undefined : createAudioConverter(wire, this.format);
    this.#toWire = isAsked ? undefined : createAudioConverter(this.format, wire);
  }

  #sendFrame(frame: Buffer): void {
    if (this.#socket.bufferedBytes > maxBufferedBytes) {
      this.#droppedFrames += 1;
      this.#counts.droppedFrames += 1;
      if (isToBeLogged(this.#droppedFrames)) {
        this.#log.warn({ count: this.#droppedFrames }, 'ACS does not read its media socket; audio is dropped');
      }
      return;
    }
    this.#send(this.#toWire ? this.#toWire.convert(frame) : frame);
  }

  #stop(): void {
    this.#gaps.close();
    this.#playout.close();
  }

  #finish(code: number, wasSilent: boolean): void {
    const { droppedBytes } = this.#playout;
    if (droppedBytes > 0) this.#log.warn({ droppedBytes }, 'the model said more than anybody could listen to');
    // 1005: a close frame without a code is an orderly end too.
    this.#events.emit({ type: 'closed', clean: code === 1000 || code === 1005, code, ...(wasSilent && { wasSilent }) });
  }
}

function isToBeLogged(count: number): boolean {
  return count === 1 || count % logEvery === 0;
}
