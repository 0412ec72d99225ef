// The way to a Redis that is one server.
import { RedisClient } from 'redis';
import { createClientOptions, type RedisLink, type RedisLinkOptions } from './redis-link.ts';

/**
 * Of all connections: each command is a method, all of them are 7 MB, and `createClient` makes them anew for all that connect
 * in another way.
 */
const createClient = RedisClient.factory({});

export function openRedisServer(options: RedisLinkOptions): RedisLink {
  const { url, onReady, onError, onCluster } = options;
  const client = createClient({ url, ...createClientOptions(options) });
  // Without a listener a lost connection ends the process.
  client.on('ready', onReady).on('error', onError);
  client.once('ready', () => {
    if (!onCluster) return;
    const told = client.info('cluster').then((text) => text.includes('cluster_enabled:1') && onCluster());
    // Who may not ask finds out by the first key that is elsewhere.
    told.catch(() => {});
  });
  // The library opens it a moment after it was asked to, and goes on opening what was destroyed meanwhile.
  let isGone = false;
  const endIfGone = () => {
    if (isGone) client.destroy();
  };
  client.on('error', endIfGone);
  // It rejects only when it was destroyed meanwhile: the strategy never gives up.
  client.connect().then(endIfGone).catch(onError);
  return {
    run: (command) => command(client),
    get isReady() {
      return client.isReady;
    },
    publish: (channel, message) => client.publish(channel, message),
    // Given before it is connected, it is sent once it is, and again after each loss.
    subscribe: (channel, listener) => client.subscribe(channel, listener),
    close: () => client.close(),
    destroy() {
      isGone = true;
      if (client.isOpen) client.destroy();
    },
  };
}
