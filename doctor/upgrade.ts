// Asks for a WebSocket and gives it back at once: what counts is the answer.
import { WebSocket } from 'ws';

/** Resolves to 101, or to the status of the refusal. Rejects when there is no answer. */
export function upgrade(url: string, headers: Record<string, string>, signal: AbortSignal): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = new WebSocket(url, { headers, perMessageDeflate: false, followRedirects: false });
  const leave = () => {
    reject(signal.reason);
    socket.terminate();
  };
  signal.addEventListener('abort', leave, { once: true });
  socket.on('error', reject);
  socket.once('unexpected-response', (_request, response) => {
    resolve(response.statusCode ?? 0);
    socket.terminate();
  });
  socket.once('open', () => {
    resolve(101);
    socket.close(1000);
    setTimeout(() => socket.terminate(), closeTimeoutMs).unref();
  });
  return promise.finally(() => signal.removeEventListener('abort', leave));
}

const closeTimeoutMs = 500;
