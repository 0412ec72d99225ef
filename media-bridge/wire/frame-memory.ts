// Where a frame lies while its connection takes it: in one place for all calls if it is taken at once, as a plain connection does with most.
import type { Duplex } from 'node:stream';

/** 20 ms of audio in base64, and what is around it, is a quarter of it; what is longer has memory of its own. */
const sharedBytes = 4 * 1024;
/** Of one connection: frames on their way to a peer that does not read, or to TLS; those beyond have memory of their own. */
const maxKept = 8;

/** Written to a connection that had nothing to write, and taken when that returned: the next frame, of whatever call, lies there again. */
let shared = Buffer.allocUnsafeSlow(sharedBytes);

export class FrameMemory {
  readonly #socket: Duplex;
  /** TLS takes nothing at once. */
  readonly #isPlain: boolean;
  #shared = shared;
  #view = shared;
  /** All of the same length: those of a line are. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  /** So many of them may still be read. */
  #busy = 0;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#isPlain = !('encrypted' in socket);
  }

  /** Sends the first bytes of `frame`, which may be written again when this returns. */
  send(frame: Buffer, bytes: number): void {
    const isIdle = this.#socket.writableLength === 0;
    if (!this.#isPlain || !isIdle || bytes > sharedBytes) {
      const memory = this.#take(bytes, isIdle);
      frame.copy(memory, 0, 0, bytes);
      this.#socket.write(memory);
      return;
    }
    if (this.#shared !== shared || this.#view.length !== bytes) {
      this.#shared = shared;
      this.#view = shared.subarray(0, bytes);
    }
    frame.copy(shared, 0, 0, bytes);
    this.#socket.write(this.#view);
    // It was not taken: the memory is the connection's now.
    if (this.#socket.writableLength > 0) shared = Buffer.allocUnsafeSlow(sharedBytes);
  }

  #take(bytes: number, isIdle: boolean): Buffer {
    if (bytes !== this.#keptBytes) {
      this.#kept = [];
      this.#keptBytes = bytes;
      this.#busy = 0;
    }
    if (isIdle) this.#busy = 0;
    const kept = this.#kept[this.#busy];
    this.#busy += 1;
    if (kept) return kept;
    const made = Buffer.allocUnsafeSlow(bytes);
    if (this.#kept.length < maxKept) this.#kept.push(made);
    return made;
  }
}
