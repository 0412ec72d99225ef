// The private parts of the Speech SDK that we cannot do without, all of them: its sockets and what it makes of their frames.
import { WebsocketMessageAdapter } from 'microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js';

/** The SDK takes no socket of ours: what its adapter connects to, and the socket that it makes. */
interface Adapter {
  privUri: string;
  readonly privWebsocketClient?: { onmessage: ((event: { readonly data: unknown }) => void) | null };
}

/** The SDK writes its headers into the query too, for browsers, which cannot send any: proxies and servers log what stands there. */
const credentials = ['Ocp-Apim-Subscription-Key', 'Authorization'];

const open = WebsocketMessageAdapter.prototype.open;

/** Of the frames a service can send, only the empty text makes the SDK throw where nobody can catch it. */
function openGuarded(this: WebsocketMessageAdapter): ReturnType<typeof open> {
  const adapter = this as unknown as Adapter;
  adapter.privUri = withoutCredentials(adapter.privUri);
  const opened = open.call(this);
  const client = adapter.privWebsocketClient;
  const receive = client?.onmessage;
  if (client && receive) {
    client.onmessage = (event) => {
      if (event.data !== '') receive(event);
    };
  }
  return opened;
}

/**
 * For all sockets that the SDK opens from now on. Idempotent. As of SDK 1.52: a new version has to pass the tests beside this
 * file, which also say when one of these is not needed any more.
 */
export function prepareSpeechSdk(): void {
  // The WebSocket of Node itself sends no headers, and does not tell with which status it was refused.
  WebsocketMessageAdapter.forceNpmWebSocket = true;
  WebsocketMessageAdapter.prototype.open = openGuarded;
}

function withoutCredentials(uri: string): string {
  const url = new URL(uri);
  for (const name of credentials) url.searchParams.delete(name);
  return url.href;
}
