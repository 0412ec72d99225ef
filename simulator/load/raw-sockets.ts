// The two ends of a bridge as bare TCP sockets that speak WebSocket: a carrier that dials it, and a model that it dials.
import { createHash } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { listen } from '../../shared/listen.ts';
import { type FoundFrame, FrameReader } from './raw-frames.ts';

/** An upgrade that takes longer has failed. */
const upgradeTimeoutMs = 15_000;
const readBytes = 64 * 1024;
const handshakeGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** One for all sockets: what was read is worked off before the next is read. */
const readBuffer = Buffer.alloc(readBytes);

export interface RawPeer {
  write(bytes: Buffer): void;
  /** Whoever listens takes it from here on. */
  listen(onFrame: (frame: FoundFrame) => void): void;
  close(): void;
}

/** Rejects when the bridge does not let us in. */
export async function dialBridge(url: string): Promise<RawPeer> {
  const { hostname, port, pathname } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let onFrame: (frame: FoundFrame) => void = () => {};
  const reader = new FrameReader((frame) => onFrame(frame));
  let head = '';
  let isOpen = false;
  const read = (bytes: number): boolean => {
    const chunk = readBuffer.subarray(0, bytes);
    if (isOpen) {
      reader.push(chunk);
      return true;
    }
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return true;
    if (!head.startsWith('HTTP/1.1 101')) reject(new Error(`the bridge says ${head.slice(0, 200)}`));
    isOpen = true;
    resolve();
    const rest = Buffer.from(head.slice(end + 4), 'latin1');
    if (rest.length > 0) reader.push(rest);
    return true;
  };
  const socket = connect({ host: hostname, port: Number(port), onread: { buffer: readBuffer, callback: read } });
  socket.setNoDelay(true);
  socket.on('error', reject);
  socket.on('close', () => reject(new Error('the bridge closed the connection')));
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const timer = setTimeout(() => reject(new Error('the bridge does not upgrade')), upgradeTimeoutMs);
  try {
    await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return createPeer(socket, (listener) => {
    onFrame = listener;
  });
}

export interface RawModel {
  readonly port: number;
  stop(): void;
}

/** `certificate`: for TLS. */
export async function startRawModel(
  onConnection: (peer: RawPeer) => void,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<RawModel> {
  const sockets = new Set<Socket>();
  const accept = (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let onFrame: (frame: FoundFrame) => void = () => {};
    const reader = new FrameReader((frame) => onFrame(frame));
    let head = '';
    const readHead = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', readHead);
      const key = /sec-websocket-key: (.+)\r\n/i.exec(head)?.[1] ?? '';
      const accepted = createHash('sha1').update(`${key}${handshakeGuid}`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accepted}\r\n\r\n`,
      );
      socket.on('data', (data) => reader.push(data));
      onConnection(
        createPeer(socket, (listener) => {
          onFrame = listener;
        }),
      );
    };
    socket.on('data', readHead);
  };
  const server = certificate ? createTlsServer(certificate, accept) : createServer(accept);
  const port = await listen(server, { host: '127.0.0.1', port: 0, setting: 'PORT' }).then(() => {
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no port');
    return address.port;
  });
  return {
    port,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function createPeer(socket: Socket, listen: RawPeer['listen']): RawPeer {
  return { listen, write: (bytes) => void socket.write(bytes), close: () => socket.destroy() };
}
