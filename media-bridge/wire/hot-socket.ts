// A WebSocket whose messages of audio go past its library, both ways; all the rest, and the connection's life, is the library's.
import { type RawData, WebSocket } from 'ws';
import { AudioFrames, type AudioMessage } from './audio-frames.ts';
import { type FrameBounds, findTextFrame, maskBytes } from './frame-header.ts';
import { type DataListener, findRawSocket, type RawSocket } from './raw-socket.ts';
import { readAheadOf } from './shared-reads.ts';
import { wireKernel } from './shared-wire-kernel.ts';

/** Reads the message in `bytes` from `start` to `end`. False: not one that it knows to the byte; the library reads it again. */
export type ReadHot = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Where one message ends in the stream only the library knows, until a chunk has come that was whole messages and nothing else:
 * from there on frames are found here, up to the next that is unknown or not whole.
 */
export class HotSocket {
  readonly #webSocket: WebSocket;
  readonly #raw: RawSocket | undefined;
  readonly #isServer: boolean;
  readonly #read: ReadHot;
  readonly #take: DataListener;
  readonly #bounds: FrameBounds = { start: 0, end: 0 };
  #isAligned = false;
  /** What the library made of the last chunk. */
  #messages = 0;
  #messageBytes = 0;

  /** `isServer`: the peer masks what it sends. From the moment it is open; `read` is called in the order of the messages. */
  constructor(webSocket: WebSocket, isServer: boolean, read: ReadHot) {
    this.#webSocket = webSocket;
    this.#isServer = isServer;
    this.#read = read;
    this.#raw = findRawSocket(webSocket);
    const raw = this.#raw;
    this.#take = (chunk) => {
      const taken = this.#readFrames(chunk);
      if (taken < chunk.length) this.#leaveToLibrary(raw!, taken === 0 ? chunk : chunk.subarray(taken));
    };
    if (!raw) return;
    webSocket.on('message', (data: RawData) => {
      this.#messages += 1;
      this.#messageBytes = (data as Buffer).length;
    });
    // It reads nothing more after an error, and would stop the connection at what still comes, its end included.
    webSocket.once('error', () => {
      this.#isAligned = false;
      raw.socket.off('data', this.#take);
    });
    raw.socket.off('data', raw.library);
    raw.socket.on('data', this.#take);
    readAheadOf(raw.socket, (chunk) => this.#readFrames(chunk));
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  /** For messages that are alike. Without effect once it is closing. */
  createSender(message: AudioMessage): (audio: Buffer) => void {
    const webSocket = this.#webSocket;
    const frames = this.#raw && new AudioFrames(this.#raw.socket, message, !this.#isServer);
    return (audio) => {
      if (webSocket.readyState !== WebSocket.OPEN) return;
      if (!frames?.send(audio)) webSocket.send(`${message.before}${audio.toString('base64')}${message.after}`);
    };
  }

  /** Returns how many bytes it understood: what begins behind them is the library's. */
  #readFrames(chunk: Buffer): number {
    let at = 0;
    const bounds = this.#bounds;
    while (this.#isAligned && at < chunk.length && this.#webSocket.readyState === WebSocket.OPEN) {
      if (!findTextFrame(chunk, at, this.#isServer, bounds)) break;
      const { start, end } = bounds;
      if (!(this.#isServer ? this.#readMasked(chunk, start, end) : this.#read(chunk, start, end))) break;
      at = end;
    }
    if (at < chunk.length) this.#isAligned = false;
    return at;
  }

  #readMasked(chunk: Buffer, start: number, end: number): boolean {
    const { message } = wireKernel;
    const bytes = end - start;
    chunk.copy(message, 0, start, end);
    wireKernel.unmask(bytes, chunk.readInt32LE(start - maskBytes));
    return this.#read(message, 0, bytes);
  }

  /** It takes its listener away when it wants no more, and before it is open or after it is closing it is alone with its socket. */
  #leaveToLibrary({ socket, library }: RawSocket, chunk: Buffer): void {
    this.#messages = 0;
    socket.on('data', library);
    library.call(socket, chunk);
    const isListening = socket.listeners('data').includes(library);
    if (!isListening || this.#webSocket.readyState !== WebSocket.OPEN) {
      socket.off('data', this.#take);
      return;
    }
    socket.off('data', library);
    this.#isAligned = this.#messages > 0 && this.#isWholeMessages(chunk);
  }

  /** As many as the library found, the last of them as long as it said, and nothing else. */
  #isWholeMessages(chunk: Buffer): boolean {
    const bounds = this.#bounds;
    bounds.end = 0;
    for (let left = this.#messages; left > 0; left--)
      if (!findTextFrame(chunk, bounds.end, this.#isServer, bounds)) return false;
    return bounds.end === chunk.length && bounds.end - bounds.start === this.#messageBytes;
  }
}
