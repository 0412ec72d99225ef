// The connection under a WebSocket of the `ws` library, which does not tell of it: what we know of its insides is here and in the test of this file.
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export type DataListener = (this: Duplex, chunk: Buffer) => void;

/** Undefined where the library has changed, or is only played: whoever asks then goes through the library. */
export interface RawSocket {
  readonly socket: Duplex;
  /** Takes what the library is to read. */
  readonly library: DataListener;
}

export function findRawSocket(webSocket: WebSocket): RawSocket | undefined {
  const { _socket: socket } = webSocket as unknown as { readonly _socket?: unknown };
  if (!(socket instanceof Duplex) || webSocket.extensions !== '') return undefined;
  const [library, ...others] = socket.listeners('data');
  return library && others.length === 0 ? { socket, library: library as DataListener } : undefined;
}
