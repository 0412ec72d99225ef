// One media stream: Twilio dials the application, sends the caller's audio and plays what comes back.
import { phoneFrameMs } from '../caller/phone.ts';
import { LineAudio } from '../line/line-audio.ts';
import { MediaSocket } from '../line/media-socket.ts';
import type { FarEnd } from '../line/phone-line.ts';
import { mulaw8k, silentByte } from '../voice/audio-format.ts';
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
const maxMessageBytes = 8 * 1024 * 1024;
/** The first frame's timestamp is small, but not 0. */
const firstTimestampMs = 60;
const frameBytes = 160;

export class TwilioMediaLeg implements FarEnd {
  readonly streamSid = createSid('MZ');
  readonly log = new TwilioMediaLog();
  /** Resolves when the stream is over, whoever ended it. */
  readonly ended: Promise<void>;
  readonly socket: MediaSocket;
  readonly #options: MediaLegOptions;
  readonly #writer: StreamWriter;
  readonly #audio = new LineAudio(mulaw8k);
  readonly #playback = new TwilioPlaybackBuffer((name, echo) => {
    this.log.mark(name, echo);
    this.socket.send(this.#writer.mark(name));
  });
  readonly #warned = new Set<number>();
  readonly #resolveEnded: () => void;
  #timestampMs = firstTimestampMs;
  #stopped = false;

  constructor(options: MediaLegOptions) {
    this.#options = options;
    const { callSid, context, url } = options;
    const identity = { accountSid: context.accountSid, callSid, streamSid: this.streamSid };
    this.#writer = new StreamWriter({ ...identity, ...context.faults.media.claim });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    const { media } = context.faults;
    this.socket = new MediaSocket({
      faults: media,
      random: context.random,
      signal: context.signal,
      connection: {
        handshakeTimeout: openWithinMs,
        maxPayload: maxMessageBytes,
        headers: {
          Host: new URL(url).host,
          'User-Agent': 'Twilio.TmeWs/1.0',
          'X-Twilio-Signature': signRequest(media.forge ? 'not the token' : context.authToken, url),
        },
      },
      onOpen: () => this.#onOpen(),
      onMessage: (text) => this.#receive(text),
      onRefused: (detail) => this.#fail(media.refuse ? 31902 : 31920, detail),
      onLost: (code) => this.#onLost(code),
    });
  }

  /** Never throws: a stream that cannot be opened has ended. */
  open(): void {
    const { context, url } = this.#options;
    let local: URL;
    try {
      local = findLocalUrl(context, new URL(url));
    } catch (error) {
      this.#fail(31923, String(error));
      return;
    }
    this.socket.open(local);
  }

  beat(spoken: Int16Array, keys: string): Int16Array | undefined {
    const { context, callSid } = this.#options;
    const timestampMs = this.#timestampMs;
    const frame = this.#audio.toWire(spoken);
    if (!this.socket.isOpen) return undefined;
    this.#timestampMs += phoneFrameMs;
    if (context.faults.media.skipFrame(timestampMs)) this.log.framesSkipped++;
    else if (this.socket.isClogged) this.#warnOnce(31930, callSid);
    else {
      this.socket.send(this.#writer.media(timestampMs + this.#wobble(), frame));
      this.log.framesSent++;
    }
    for (const key of keys) this.socket.send(this.#writer.dtmf(key));
    const played = this.#playback.take(frameBytes);
    if (played.length > 0) this.log.play(played);
    const silence = Buffer.alloc(frameBytes - played.length, silentByte(mulaw8k));
    return this.#audio.toPhone(Buffer.concat([played, silence]));
  }

  /** The call ended, or goes on without the stream. */
  stop(): void {
    if (this.#stopped) return;
    this.socket.send(this.#writer.stop());
    this.log.event('stopped');
    this.socket.close();
    this.#end();
  }

  #wobble(): number {
    const { faults, random } = this.#options.context;
    return Math.round((random() * 2 - 1) * faults.media.stampJitterMs);
  }

  #onOpen(): void {
    this.log.event('opened');
    this.socket.send(this.#writer.connected());
    this.socket.send(this.#writer.start(this.#options.parameters));
  }

  #onLost(code: number): void {
    const { context, callSid } = this.#options;
    context.warn(code === 1006 ? 31903 : 31921, callSid, `the application closed the socket with ${code}`);
    this.log.event('lost', String(code));
    this.#end();
  }

  #receive(text: string | undefined): void {
    if (text === undefined) {
      this.#ignore(31950, 'binary message');
      return;
    }
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
}
