// Passes WebSockets for live events on to the bridge, so that the local world has one address for clients in browsers.
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** An upgrade handler for the server of functions: what is no live feed is refused. */
export function createFeedProxy(bridgeUrl: string) {
  const { hostname, port } = new URL(bridgeUrl);
  return (request: IncomingMessage, client: Duplex, head: Buffer): void => {
    client.on('error', () => client.destroy());
    if (!/^\/ws\/events(\/|\?|$)/.test(request.url ?? '')) {
      client.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    const bridge = connect(Number(port), hostname, () => {
      const lines = request.rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? [`${name}: ${request.rawHeaders[at + 1]}`] : [],
      );
      bridge.write(`GET ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      bridge.write(head);
      client.pipe(bridge).pipe(client);
    });
    bridge.on('error', () => client.destroy());
    client.on('close', () => bridge.destroy());
    bridge.on('close', () => client.destroy());
  };
}
