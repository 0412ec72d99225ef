// One end of a connection inside this process: a net.Socket whose other end is another one, without a kernel between them.
import { AsyncResource } from 'node:async_hooks';
import net from 'node:net';
import type { VirtualTimer } from './clock.ts';
import { currentMachine, type Machine } from './machine.ts';

/** What a kernel holds of what was written and not yet read: a slow reader makes its writer wait beyond this. */
export const socketBufferBytes = 256 * 1024;
/** What Node reads at once. */
const readBytes = 64 * 1024;

export const loopback = '127.0.0.1';

/** How a socket reaches the rest of its world. */
export interface SocketWorld {
  /** Runs `step` soon, alone in its turn, as the machine of `end` may. */
  deliver(end: VirtualSocket, step: () => void): void;
  /** Carries something to the other end over their link, in order. */
  carry(from: VirtualSocket, parcel: Parcel): void;
  opened(end: VirtualSocket): void;
  closed(end: VirtualSocket): void;
  setTimer(callback: () => void, delayMs: number): VirtualTimer;
}

/** Bytes, the end of all bytes, or a connection torn down. */
export type Parcel = Buffer | 'end' | 'reset';

export class VirtualSocket extends net.Socket {
  // All private: whoever shows a socket, say as JSON, shows one end.
  readonly #machine: Machine | undefined = currentMachine();
  readonly #port: number;
  readonly #peerPort: number;
  #peer: VirtualSocket | undefined;
  #connectionId = 0;
  readonly #world: SocketWorld;
  readonly #scope = new AsyncResource('VirtualSocket', { requireManualDestroy: true });
  #inbox: Parcel[] = [];
  #unreadBytes = 0;
  #isReading = false;
  #isArriving = false;
  #hasEnded = false;
  #gone = false;
  #waitingWrite: (() => void) | undefined;
  #read = 0;
  #written = 0;
  #isRef = true;
  #idleTimer: VirtualTimer | undefined;
  /** Sent and not yet read by the peer. */
  #outstanding = 0;

  constructor(
    world: SocketWorld,
    port: number,
    peerPort: number,
    options: { readonly highWaterMark?: number; readonly allowHalfOpen?: boolean } = {},
  ) {
    // Without writable it could not be written to before it is connected.
    super({ ...options, readable: true, writable: true } as net.SocketConstructorOpts);
    this.#world = world;
    this.#port = port;
    this.#peerPort = peerPort;
    world.opened(this);
  }

  get machine(): Machine | undefined {
    return this.#machine;
  }

  get port(): number {
    return this.#port;
  }

  get peerPort(): number {
    return this.#peerPort;
  }

  get peer(): VirtualSocket | undefined {
    return this.#peer;
  }

  /** Names the connection in the record of the wire: the same in each run. */
  get connectionId(): number {
    return this.#connectionId;
  }

  get isRef(): boolean {
    return this.#isRef;
  }

  get isGone(): boolean {
    return this.#gone;
  }

  get totals(): { readonly read: number; readonly written: number } {
    return { read: this.#read, written: this.#written };
  }

  /** In the context in which the socket was made. */
  enter(step: () => void): void {
    this.#scope.runInAsyncScope(step);
  }

  beginConnecting(): void {
    this.#set({ connecting: true });
  }

  /** The other end is there. */
  join(peer: VirtualSocket, connectionId: number): void {
    this.#peer = peer;
    this.#connectionId = connectionId;
    if (!this.connecting) return;
    this.#set({ connecting: false });
    this.emit('connect');
    this.emit('ready');
    if (!this.isPaused()) this.read(0);
  }

  /** Over the link, from the other end. */
  arrive(parcel: Parcel): void {
    if (this.#gone) {
      // Whoever writes to a socket that is closed is told so.
      if (typeof parcel !== 'string' && this.peer) this.#world.carry(this, 'reset');
      return;
    }
    this.#inbox.push(parcel);
    if (typeof parcel !== 'string') this.#unreadBytes += parcel.length;
    if (this.#isReading || parcel === 'reset') this.#scheduleArrival();
  }

  /** As the kernel does when the process is gone: nothing more is heard here, and the other end is told. */
  vanish(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#inbox = [];
    this.#world.closed(this);
    if (this.peer && !this.peer.isGone) this.#world.carry(this, 'reset');
  }

  /** Once it has vanished. Node keeps parsers and pools of HTTP connections, and all that is behind them, until it hears of their end. */
  forget(): void {
    this.removeAllListeners();
    // What waited for an answer of it gives up minutes later, by a timer that is nobody's, and breaks it with an error.
    this.on('error', () => {});
    this.#peer = undefined;
    const used = this as unknown as { parser?: { remove(): void; close(): void } | null };
    used.parser?.remove();
    used.parser?.close();
    used.parser = null;
  }

  override _read(): void {
    if (this.connecting) {
      this.once('connect', () => this._read());
      return;
    }
    this.#isReading = true;
    if (this.#inbox.length > 0) this.#scheduleArrival();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.connecting) {
      this.#onceConnected(done, () => this._write(chunk, encoding, done));
      return;
    }
    if (this.#gone || !this.peer) {
      done(createSocketError('EPIPE', 'write'));
      return;
    }
    // The writer may use its memory again at once.
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    this.#send(bytes, done);
  }

  override _writev(
    chunks: { chunk: Buffer | string; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    if (this.connecting) {
      this.#onceConnected(done, () => this._writev(chunks, done));
      return;
    }
    if (this.#gone || !this.peer) {
      done(createSocketError('EPIPE', 'write'));
      return;
    }
    const parts = chunks.map(({ chunk, encoding }) =>
      typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk,
    );
    this.#send(Buffer.concat(parts), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.connecting) {
      this.#onceConnected(done, () => this._final(done));
      return;
    }
    if (this.peer && !this.#gone) this.#world.carry(this, 'end');
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#set({ connecting: false });
    this.#idleTimer?.close();
    this.#idleTimer = undefined;
    if (!this.#gone) {
      this.#gone = true;
      // A kernel resets a connection that is closed over unread bytes.
      if (this.peer && !this.peer.isGone) this.#world.carry(this, this.#unreadBytes > 0 ? 'reset' : 'end');
      this.#inbox = [];
      const server = (
        this as unknown as { _server: (net.Server & { _connections: number; _emitCloseIfDrained?(): void }) | null }
      )._server;
      if (server) {
        server._connections--;
        server._emitCloseIfDrained?.();
      }
      const hasError = error !== null;
      this.#world.deliver(this, () => {
        this.#world.closed(this);
        this.emit('close', hasError);
      });
    }
    const waiting = this.#waitingWrite;
    this.#waitingWrite = undefined;
    done(error);
    waiting?.();
  }

  override resetAndDestroy(): this {
    if (!this.#gone && this.peer && !this.peer.isGone) {
      this.#world.carry(this, 'reset');
      this.#unreadBytes = 0;
    }
    return this.destroy();
  }

  override setTimeout(timeoutMs: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.#set({ timeout: timeoutMs });
    this.#idleTimer?.close();
    this.#idleTimer = undefined;
    if (timeoutMs === 0) {
      if (listener) this.removeListener('timeout', listener);
      return this;
    }
    this.#idleTimer = this.#world.setTimer(() => this.emit('timeout'), timeoutMs).unref();
    if (listener) this.once('timeout', listener);
    return this;
  }

  /** Called by Node's own modules whenever the socket was used. */
  _unrefTimer(): void {
    this.#idleTimer?.refresh();
  }

  override ref(): this {
    this.#isRef = true;
    return this;
  }

  override unref(): this {
    this.#isRef = false;
    return this;
  }

  _getpeername(): object {
    return this.connecting || !this.peer ? {} : { address: loopback, family: 'IPv4', port: this.peerPort };
  }

  _getsockname(): object {
    return { address: loopback, family: 'IPv4', port: this.port };
  }

  /** What net.Socket shows and does not let others change. */
  #set(state: { readonly connecting?: boolean; readonly timeout?: number }): void {
    Object.assign(this, state);
  }

  #onceConnected(done: (error?: Error | null) => void, then: () => void): void {
    const onClose = () => done(createSocketError('ERR_SOCKET_CLOSED_BEFORE_CONNECTION', 'write'));
    this.once('connect', () => {
      this.off('close', onClose);
      then();
    });
    this.once('close', onClose);
  }

  #send(bytes: Buffer, done: () => void): void {
    this._unrefTimer();
    this.#written += bytes.length;
    this.#outstanding += bytes.length;
    this.#world.carry(this, bytes);
    if (this.#outstanding <= socketBufferBytes) done();
    else this.#waitingWrite = done;
  }

  #scheduleArrival(): void {
    if (this.#isArriving) return;
    this.#isArriving = true;
    this.#world.deliver(this, () => {
      this.#isArriving = false;
      this.#takeIn();
    });
  }

  #takeIn(): void {
    if (this.#gone) return;
    if (this.#inbox.includes('reset')) {
      this.#inbox = [];
      this.destroy(createSocketError('ECONNRESET', 'read'));
      return;
    }
    if (!this.#isReading) return;
    const bytes = this.#takeBytes();
    if (bytes) {
      this._unrefTimer();
      this.#read += bytes.length;
      this.#unreadBytes -= bytes.length;
      this.peer?.wasRead(bytes.length);
      if (!this.push(bytes)) this.#isReading = false;
    } else if (this.#inbox.shift() === 'end' && !this.#hasEnded) {
      this.#hasEnded = true;
      this.push(null);
      this.read(0);
    }
    if (this.#inbox.length > 0 && this.#isReading) this.#scheduleArrival();
  }

  /** All that came since the last time, as one read of a kernel's buffer gives it. */
  #takeBytes(): Buffer | undefined {
    const only = this.#inbox.length === 1 ? this.#inbox[0] : undefined;
    if (typeof only === 'object' && only.length <= readBytes) {
      this.#inbox = [];
      return only;
    }
    const parts: Buffer[] = [];
    let total = 0;
    while (total < readBytes) {
      const first = this.#inbox[0];
      if (first === undefined || typeof first === 'string') break;
      const room = readBytes - total;
      if (first.length <= room) this.#inbox.shift();
      else this.#inbox[0] = first.subarray(room);
      const part = first.length <= room ? first : first.subarray(0, room);
      parts.push(part);
      total += part.length;
    }
    return parts.length > 1 ? Buffer.concat(parts, total) : parts[0];
  }

  wasRead(bytes: number): void {
    this.#outstanding -= bytes;
    if (!this.#waitingWrite || this.#outstanding > socketBufferBytes) return;
    const done = this.#waitingWrite;
    this.#waitingWrite = undefined;
    this.#world.deliver(this, done);
  }
}

// Accessors over what net.Socket declares as properties.
Object.defineProperties(VirtualSocket.prototype, {
  bytesRead: {
    get(this: VirtualSocket) {
      return this.totals.read;
    },
  },
  bytesWritten: {
    get(this: VirtualSocket) {
      return this.totals.written + this.writableLength;
    },
  },
  pending: {
    get(this: VirtualSocket) {
      return this.connecting;
    },
  },
});

const numbers = { EPIPE: -32, ECONNRESET: -104, ECONNREFUSED: -111, EADDRINUSE: -98 } as const;

/** As Node words them: `connect ECONNREFUSED 127.0.0.1:8080`. */
export function createSocketError(code: string, syscall: string, port?: number): NodeJS.ErrnoException {
  const where = port === undefined ? '' : ` ${loopback}:${port}`;
  const error = new Error(`${syscall} ${code}${where}`) as NodeJS.ErrnoException & { address?: string; port?: number };
  error.code = code;
  error.syscall = syscall;
  const errno = numbers[code as keyof typeof numbers];
  if (errno !== undefined) error.errno = errno;
  if (port !== undefined) Object.assign(error, { address: loopback, port });
  return error;
}
