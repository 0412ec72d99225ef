// Connections that are dialled here, read into one memory for all of them: whoever listens sees what has come before any stream does.
import { connect, isIP, type OnReadOpts, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** What Node would make anew for each read. */
const readBytes = 64 * 1024;
/** Of all connections: what was read is worked off, or copied, before anything else is read. */
const memory = Buffer.allocUnsafeSlow(readBytes);

/** Returns how many of the bytes it has taken, from their beginning; the stream gets the rest. What it is given holds until it returns. */
export type ReadAhead = (chunk: Buffer) => number;

const readers = new WeakMap<Duplex, SharedReads>();

class SharedReads {
  readonly onread: OnReadOpts = { buffer: memory, callback: (bytes) => this.#pass(bytes) };
  socket: Socket | undefined;
  readAhead: ReadAhead | undefined;
  /** Chunks of equal length share one. */
  #view = memory.subarray(0, 0);

  /** False: the stream wants no more for now. */
  #pass(bytes: number): boolean {
    const socket = this.socket!;
    if (this.#view.length !== bytes) this.#view = memory.subarray(0, bytes);
    // What the stream still holds comes first.
    const taken = socket.readableLength > 0 ? 0 : (this.readAhead?.(this.#view) ?? 0);
    return taken === bytes || socket.push(Buffer.from(memory.subarray(taken, bytes)));
  }
}

/** For a WebSocket of this address, instead of how its library connects. */
export function dialerOf(url: string): typeof connect {
  const open = url.startsWith('wss:') ? openTls : connect;
  const dial = (options: TcpNetConnectOpts): Socket => {
    const reads = new SharedReads();
    // The library's path is that of the address, not of a socket in the file system.
    const socket = open({ ...options, path: undefined, onread: reads.onread } as TcpNetConnectOpts);
    reads.socket = socket;
    readers.set(socket, reads);
    return socket;
  };
  return dial as typeof connect;
}

function openTls(options: TcpNetConnectOpts): Socket {
  const { host = '', servername = isIP(host) ? '' : host } = options as ConnectionOptions;
  return connectTls({ ...options, servername });
}

/** Without effect where the connection was not dialled so: everything then goes through its stream. */
export function readAheadOf(socket: Duplex, readAhead: ReadAhead): void {
  const reads = readers.get(socket);
  if (reads) reads.readAhead = readAhead;
}
