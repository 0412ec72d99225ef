// A Twilio media stream as the carrier's leg of a call.
import type { RawData, WebSocket } from 'ws';
import { AppError } from '../../shared/errors.ts';
import { type Logger, silentLogger } from '../../shared/logger.ts';
import { formatServiceWord } from '../../shared/service-word.ts';
import { within } from '../../shared/within.ts';
import { type AudioFormat, frameBytes, frameMs, mulaw8k } from '../audio/audio-format.ts';
import type { Manner } from '../audio/manner.ts';
import type { MediaCounts } from '../audio/media-counts.ts';
import { EarlyEvents } from './early-events.ts';
import { MediaSocket } from './media-socket.ts';
import type { MediaTransport, MediaTransportEvent } from './media-transport.ts';
import { SilenceFiller } from './silence-filler.ts';
import { TwilioAudioReader } from './twilio-audio-reader.ts';
import {
  formatTwilioClear,
  formatTwilioMark,
  parseTwilioMessage,
  type TwilioMessage,
  type TwilioStart,
  twilioMedia,
} from './twilio-messages.ts';
import { TwilioPlayback } from './twilio-playback.ts';

export interface TwilioTransportOptions {
  readonly log?: Logger;
  readonly counts?: MediaCounts;
}

/** `start` follows the handshake within a few round trips; who does not send it holds a connection for nothing. */
const startTimeoutMs = 5000;
/** About ten seconds of speech that the carrier does not read; the rest waits where a clear can still drop it. */
const maxBufferedBytes = 128 * 1024;
const refusedCode = 1008;

export class TwilioTransport implements MediaTransport {
  readonly carrier = 'twilio';
  readonly format: AudioFormat = mulaw8k;
  readonly #socket: MediaSocket;
  readonly #streamSid: string;
  readonly #log: Logger;
  readonly #playback: TwilioPlayback;
  readonly #counts: MediaCounts | undefined;
  readonly #silence: SilenceFiller;
  readonly #events = new EarlyEvents();
  readonly #frames: NodeJS.Timeout;
  #stopped = false;
  #ignored = 0;

  /** For a stream whose `start` was accepted: see openTwilioTransport. */
  constructor(socket: WebSocket, start: TwilioStart, { log = silentLogger, counts }: TwilioTransportOptions) {
    const reader = new TwilioAudioReader(start.streamSid);
    const media = new MediaSocket(socket, {
      readAudio: (bytes, start, end) => {
        const message = reader.read(bytes, start, end);
        if (message) this.#receive(message);
        return message !== undefined;
      },
      mayRest: () => this.#silence.isRestful,
      onMessage: (text) =>
        this.#receive(text === undefined ? { type: 'malformed' } : parseTwilioMessage(text, start.streamSid)),
      onBroken: (error) => log.error({ error }, 'a media stream of Twilio broke something here'),
      onClosing: () => clearInterval(this.#frames),
      onClosed: (code, wasSilent) => this.#finish(code, wasSilent),
    });
    this.#socket = media;
    this.#streamSid = start.streamSid;
    this.#log = log;
    this.#counts = counts;
    this.#playback = new TwilioPlayback({
      media: media.createSender(twilioMedia(start.streamSid)),
      mark: (name) => media.send(formatTwilioMark(start.streamSid, name)),
      clear: () => media.send(formatTwilioClear(start.streamSid)),
      get congested() {
        return media.bufferedBytes > maxBufferedBytes;
      },
    });
    this.#silence = new SilenceFiller(mulaw8k, (audio) => this.#events.emit({ type: 'audio', audio }), counts);
    const pump = () => {
      this.#playback.pump();
      this.#silence.tick();
    };
    this.#frames = setInterval(() => media.attempt(pump), frameMs);
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

  clearAudio(): void {
    if (this.#socket.isOpen) this.#playback.clear();
  }

  /** Twilio takes this for the end of <Connect>, not of the call, and logs 31921: to end a call, hang up first. */
  close(): void {
    this.#socket.close(1000);
  }

  /** Closes with the code for a peer that is not let in. */
  refuse(): void {
    this.#socket.close(refusedCode);
  }

  #receive(message: TwilioMessage): void {
    switch (message.type) {
      case 'media':
        // With <Connect> there is no other track; a second one would be our own voice.
        if (message.track === 'inbound') this.#silence.receive(message.audio, message.timestampMs);
        return;
      case 'mark':
        if (this.#playback.acknowledge(message.name)) this.#awaitEar();
        return;
      case 'dtmf':
        this.#events.emit({ type: 'dtmf', digit: message.digit });
        return;
      case 'stop':
        // The stream is over, and Twilio closes the socket.
        this.#stopped = true;
        this.#socket.awaitEnd();
        return;
      case 'connected':
        return;
      case 'start':
      case 'foreign':
      case 'unknown':
      case 'malformed':
        this.#ignored += 1;
        return;
      default:
        message satisfies never;
    }
  }

  /** Twilio has played all of it; the ear is as far from Twilio as we are, at most. */
  #awaitEar(): void {
    const { roundTripMs } = this.#playback;
    if (roundTripMs === 0) {
      this.#events.emit({ type: 'played-out' });
      return;
    }
    setTimeout(() => {
      const isStillSo = this.#socket.isOpen && this.playedMs === this.sentMs;
      if (isStillSo) this.#socket.attempt(() => this.#events.emit({ type: 'played-out' }));
    }, roundTripMs);
  }

  #finish(code: number, wasSilent: boolean): void {
    const { droppedBytes } = this.#playback;
    if (this.#counts) this.#counts.droppedFrames += Math.ceil(droppedBytes / frameBytes(mulaw8k));
    if (this.#ignored > 0 || droppedBytes > 0) {
      const fields = { ignored: this.#ignored, droppedBytes, streamSid: this.#streamSid };
      this.#log.warn(fields, 'messages of Twilio were not understood, or audio for the caller found no room');
    }
    const clean = this.#stopped || code === 1000;
    this.#events.emit({
      type: 'closed',
      clean,
      code: this.#stopped ? 1000 : code,
      ...(wasSilent && !clean && { wasSilent }),
    });
  }
}

/**
 * Waits for the stream's `start` and lets `verify` judge it before any audio moves. Rejects, and closes the socket, when
 * there is no `start` in time, `verify` rejects, or the audio is not mu-law 8000 Hz mono.
 */
export async function openTwilioTransport<Ticket>(
  socket: WebSocket,
  verify: (start: TwilioStart) => Promise<Ticket>,
  options: TwilioTransportOptions = {},
): Promise<{ transport: TwilioTransport; start: TwilioStart; ticket: Ticket }> {
  const { log = silentLogger } = options;
  // 'close' follows an error and tells the rest.
  socket.on('error', (error) => log.warn({ error }, 'the media socket failed'));
  let transport: TwilioTransport | undefined;
  try {
    const start = await receiveStart(socket, (start) => {
      // Built before the judgement: what arrives meanwhile is kept, and nobody has it yet who could speak.
      transport = new TwilioTransport(socket, start, options);
    });
    const { encoding, sampleRate, channels } = start.mediaFormat;
    if (encoding !== 'audio/x-mulaw' || sampleRate !== 8000 || channels !== 1) {
      throw new AppError(
        'BAD_REQUEST',
        `The stream carries ${formatServiceWord(encoding)} at ${sampleRate} Hz, not mu-law at 8000 Hz`,
      );
    }
    const ticket = await verify(start);
    // Nobody would hear what is said here, and a call would wait for a socket that its carrier has given up.
    if (socket.readyState !== socket.OPEN)
      throw new AppError('BAD_REQUEST', 'The media socket closed during its start');
    return { transport: transport!, start, ticket };
  } catch (error) {
    if (transport) transport.refuse();
    else socket.close(refusedCode);
    throw error;
  }
}

/** `accept` runs before the next message is read: one packet may hold several. */
async function receiveStart(socket: WebSocket, accept: (start: TwilioStart) => void): Promise<TwilioStart> {
  const { promise, resolve, reject } = Promise.withResolvers<TwilioStart>();
  const receive = (data: RawData, isBinary: boolean) => {
    const message: TwilioMessage = isBinary ? { type: 'malformed' } : parseTwilioMessage(String(data));
    if (message.type === 'connected') return;
    socket.off('message', receive);
    if (message.type === 'start') {
      accept(message);
      resolve(message);
    } else reject(new AppError('BAD_REQUEST', 'The media stream did not begin with start'));
  };
  const lose = () => reject(new AppError('BAD_REQUEST', 'The media socket closed before start'));
  socket.on('message', receive);
  socket.once('close', lose);
  try {
    return await within(startTimeoutMs, promise, () => {
      throw new AppError('BAD_REQUEST', 'The media stream sent no start');
    });
  } finally {
    socket.off('message', receive);
    socket.off('close', lose);
  }
}
