// Connections that have shown no credential yet: so many at once, and the oldest give way to those who come later.
import type { Duplex } from 'node:stream';

/**
 * Of the 1,024 descriptors that a process commonly has. A carrier shows its credential within a round trip of its first byte,
 * so among the oldest of these there is none.
 */
const defaultMaxStrangers = 256;

export class Strangers {
  readonly #max: number;
  /** In the order in which they came. */
  readonly #sockets = new Set<Duplex>();

  constructor(max = defaultMaxStrangers) {
    this.#max = max;
  }

  add(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#sockets.size <= this.#max) return;
    const [oldest] = this.#sockets;
    this.#sockets.delete(oldest!);
    oldest!.destroy();
  }

  /** It is none any more. */
  release(socket: Duplex): void {
    this.#sockets.delete(socket);
  }
}
