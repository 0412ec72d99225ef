// The media socket of one stream: Twilio dials the application, sends the caller's audio and plays what comes back.
import { WebSocket } from 'ws';
import { createSid, findLocalUrl, signRequest, type TwilioContext } from './twilio-context.ts';
import { TwilioMediaLog } from './twilio-media-log.ts';
import { TwilioPlaybackBuffer } from './twilio-playback-buffer.ts';
import { parseStreamCommand, StreamWriter } from './twilio-stream-wire.ts';

export interface MediaLegOptions {
  readonly context: TwilioContext;
  readonly callSid: string;
  /** As the TwiML names it: the signature is made over this, whatever address is dialled. */
  readonly url: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const openWithinMs = 5_000;
const closeWithinMs = 1_000;
const maxMessageBytes = 8 * 1024 * 1024;
/** Some 10 s of frames: an application that reads nothing for longer loses frames (31930). */
const maxUnsentBytes = 256 * 1024;
/** The first frame's timestamp is small, but not 0. */
const firstTimestampMs = 60;
const frameMs = 20;
const frameBytes = 160;

export class TwilioMediaLeg {
  readonly streamSid = createSid('MZ');
  readonly log = new TwilioMediaLog();
  /** Resolves when the stream is over, whoever ended it. */
  readonly ended: Promise<void>;
  readonly #options: MediaLegOptions;
  readonly #writer: StreamWriter;
  readonly #playback = new TwilioPlaybackBuffer((name, echo) => {
    this.log.mark(name, echo);
    this.#send(this.#writer.mark(name));
  });
  readonly #warned = new Set<number>();
  readonly #resolveEnded: () => void;
  #socket: WebSocket | undefined;
  #timestampMs = firstTimestampMs;
  #stopped = false;

  constructor(options: MediaLegOptions) {
    this.#options = options;
    const { callSid, context } = options;
    this.#writer = new StreamWriter({ accountSid: context.accountSid, callSid, streamSid: this.streamSid });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN && !this.#stopped;
  }

  /** Never throws: a stream that cannot be opened has ended. */
  open(): void {
    const { context, url, callSid, parameters } = this.#options;
    const { media } = context.faults;
    if (media.refuse) {
      this.#fail(31902, 'refused by the fault knob');
      return;
    }
    let opened = false;
    let failure = 'closed';
    let socket: WebSocket;
    try {
      const target = new URL(url);
      socket = new WebSocket(findLocalUrl(context, target), {
        perMessageDeflate: false,
        handshakeTimeout: openWithinMs,
        maxPayload: maxMessageBytes,
        headers: {
          Host: target.host,
          'User-Agent': 'Twilio.TmeWs/1.0',
          'X-Twilio-Signature': signRequest(media.forge ? 'not the token' : context.authToken, url),
        },
      });
    } catch (error) {
      this.#fail(31923, String(error));
      return;
    }
    this.#socket = socket;
    socket.on('open', () => {
      opened = true;
      this.log.event('opened');
      this.#send(this.#writer.connected());
      this.#send(this.#writer.start(parameters));
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#ignore(31950, 'binary message');
      else this.#receive(data.toString());
    });
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', (code) => {
      if (!opened) {
        this.#fail(31920, failure);
        return;
      }
      if (!this.#stopped) {
        context.warn(code === 1006 ? 31903 : 31921, callSid, `the application closed the socket with ${code}`);
        this.log.event('lost', String(code));
      }
      this.#end();
    });
  }

  /** One beat: 20 ms of the caller to the application, and the next 20 ms for the caller's ear (shorter: nothing was left). */
  beat(spoken: Buffer, keys: string): Buffer {
    if (!this.isOpen) return Buffer.alloc(0);
    const { context, callSid } = this.#options;
    if (context.faults.media.skipFrame(this.#timestampMs)) this.log.framesSkipped++;
    else if (this.#socket!.bufferedAmount > maxUnsentBytes) this.#warnOnce(31930, callSid);
    else {
      this.#send(this.#writer.media(this.#timestampMs, spoken));
      this.log.framesSent++;
    }
    this.#timestampMs += frameMs;
    for (const key of keys) this.#send(this.#writer.dtmf(key));
    const played = this.#playback.take(frameBytes);
    if (played.length > 0) this.log.play(played);
    return played;
  }

  /** The call ended, or goes on without the stream. */
  stop(): void {
    if (this.#stopped) return;
    this.#send(this.#writer.stop());
    this.#stopped = true;
    this.log.event('stopped');
    const socket = this.#socket;
    if (!socket || socket.readyState === WebSocket.CLOSED) {
      this.#end();
      return;
    }
    socket.close(1000);
    setTimeout(() => socket.terminate(), closeWithinMs).unref();
    this.#end();
  }

  /** As if the network between Twilio and the application went away. */
  drop(): void {
    this.#socket?.terminate();
  }

  #receive(text: string): void {
    if (this.#stopped) return;
    const command = parseStreamCommand(text, this.streamSid);
    switch (command.kind) {
      case 'media':
        this.log.receive(command.audio.length);
        if (!this.#playback.push(command.audio)) this.#warnOnce(31931, 'more than ten minutes of audio wait');
        return;
      case 'mark':
        this.#playback.mark(command.name);
        return;
      case 'clear':
        // The application hears of the marks before anybody can count the clear as done.
        this.log.clear(this.#playback.clear());
        return;
      case 'invalid':
        this.#ignore(31951, command.detail);
        return;
      default:
        command satisfies never;
    }
  }

  #ignore(code: number, detail: string): void {
    this.log.invalidMessages++;
    this.#warnOnce(code, detail);
  }

  #warnOnce(code: number, detail: string): void {
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    this.#options.context.warn(code, this.#options.callSid, detail);
  }

  #fail(code: number, detail: string): void {
    this.log.event('refused', detail);
    this.#options.context.warn(code, this.#options.callSid, detail);
    this.#end();
  }

  #end(): void {
    this.#stopped = true;
    this.#resolveEnded();
  }

  #send(text: string): void {
    if (this.isOpen) this.#socket!.send(text);
  }
}
