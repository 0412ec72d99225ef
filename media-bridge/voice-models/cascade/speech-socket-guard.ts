// Keeps an empty text frame from the Speech SDK, which throws on it where nobody can catch it.
import { WebsocketMessageAdapter } from 'microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common.browser/WebsocketMessageAdapter.js';

/** What the adapter makes of its own socket; the SDK takes no socket of ours. Seen in 1.52.0. */
interface OpenedAdapter {
  readonly privWebsocketClient?: { onmessage: ((event: { readonly data: unknown }) => void) | null };
}

const open = WebsocketMessageAdapter.prototype.open;

/** Of the frames a service can send, only the empty text makes it throw: all others it reads apart from the socket. */
function openGuarded(this: WebsocketMessageAdapter): ReturnType<typeof open> {
  const opened = open.call(this);
  const client = (this as unknown as OpenedAdapter).privWebsocketClient;
  const receive = client?.onmessage;
  if (client && receive) {
    client.onmessage = (event) => {
      if (event.data !== '') receive(event);
    };
  }
  return opened;
}

/** For all sockets that the SDK opens from now on. Idempotent. */
export function guardSpeechSockets(): void {
  WebsocketMessageAdapter.prototype.open = openGuarded;
}
