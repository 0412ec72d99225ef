// The private parts of the Speech SDK that we cannot do without, all of them: its sockets, what it makes of their frames, and its pace.
import { WebsocketMessageAdapter } from 'microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js';
import { ServiceRecognizerBase } from 'microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.speech/ServiceRecognizerBase.js';
import type { WebSocket } from 'ws';

/** The SDK takes no socket of ours: what its adapter connects to, and the socket of the package `ws` that it makes. */
interface Adapter {
  privUri: string;
  readonly privConnectionId: string;
  readonly privWebsocketClient?: WebSocket | null;
}

/** Waits before it sends the next piece of audio. */
interface Pacer {
  delay(delayMs: number): Promise<void>;
}

/** Without this a connection that died without a word is found out by the caller. A pause of the network is shorter. */
const pingEveryMs = 5_000;
/** Weakly, they are the SDK's: whatever loses one without a word does not keep its call for it. */
const sockets = new Map<string, WeakRef<WebSocket>>();

/** The SDK writes its headers into the query too, for browsers, which cannot send any: proxies and servers log what stands there. */
const credentials = ['Ocp-Apim-Subscription-Key', 'Authorization'];

const open = WebsocketMessageAdapter.prototype.open;

/** It sends what it has at twice the pace of speech, in pieces of 100 ms at most. */
const longestPaceMs = 100;
const pacer = ServiceRecognizerBase.prototype as unknown as Pacer;
const { delay } = pacer;

/** By the time of day: where a clock is set back by a minute, the SDK would send nothing for a minute. */
function delayBriefly(this: Pacer, delayMs: number): Promise<void> {
  return delay.call(this, Math.min(delayMs, longestPaceMs));
}

/** Of the frames a service can send, only the empty text makes the SDK throw where nobody can catch it. */
function openGuarded(this: WebsocketMessageAdapter): ReturnType<typeof open> {
  const adapter = this as unknown as Adapter;
  adapter.privUri = withoutCredentials(adapter.privUri);
  const opened = open.call(this);
  const client = adapter.privWebsocketClient;
  const receive = client?.onmessage;
  if (client && receive) {
    client.onmessage = (event) => {
      if (event.data !== '') receive.call(client, event);
    };
    keepAlive(adapter.privConnectionId, client);
  }
  return opened;
}

function keepAlive(connectionId: string, socket: WebSocket): void {
  let answered = true;
  let pinger: NodeJS.Timeout | undefined;
  socket.on('pong', () => {
    answered = true;
  });
  socket.once('open', () => {
    sockets.set(connectionId, new WeakRef(socket));
    pinger = setInterval(() => {
      if (!answered) return socket.terminate();
      answered = false;
      socket.ping();
    }, pingEveryMs);
  });
  socket.once('close', () => {
    clearInterval(pinger);
    if (sockets.get(connectionId)?.deref() === socket) sockets.delete(connectionId);
  });
}

/** Breaks a connection by the id that its `connected` event told: the SDK then makes another one, and sends again what was not answered. */
export function breakConnection(connectionId: string): void {
  sockets.get(connectionId)?.deref()?.terminate();
}

/**
 * For all sockets that the SDK opens from now on. Idempotent. As of SDK 1.52: a new version has to pass the tests beside this
 * file, which also say when one of these is not needed any more.
 */
export function prepareSpeechSdk(): void {
  // The WebSocket of Node itself sends no headers, and does not tell with which status it was refused.
  WebsocketMessageAdapter.forceNpmWebSocket = true;
  WebsocketMessageAdapter.prototype.open = openGuarded;
  pacer.delay = delayBriefly;
}

function withoutCredentials(uri: string): string {
  const url = new URL(uri);
  for (const name of credentials) url.searchParams.delete(name);
  return url.href;
}
