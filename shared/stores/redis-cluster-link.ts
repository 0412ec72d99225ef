// The way to a Redis that is a cluster: found from one address, and found anew when its parts move.
import { ClientClosedError, createCluster } from 'redis';
import { pause } from '../within.ts';
import {
  createClientOptions,
  type RedisCommands,
  type RedisLink,
  type RedisLinkOptions,
  retryDelayMs,
} from './redis-link.ts';

/** A server that is out of reach so long may have given its keys to another one, which the others know. */
const findAnewAfterMs = 1_000;

type Cluster = ReturnType<typeof createClusterClient>;

export function openRedisCluster(options: RedisLinkOptions): RedisLink {
  return new RedisClusterLink(options);
}

class RedisClusterLink implements RedisLink {
  readonly #options: RedisLinkOptions;
  readonly #closing = new AbortController();
  readonly #subscriptions: { readonly channel: string; readonly listener: (message: string) => void }[] = [];
  #cluster: Cluster;
  #isConnected = false;
  #connected = Promise.withResolvers<void>();
  #findAnew: NodeJS.Timeout | undefined;

  constructor(options: RedisLinkOptions) {
    this.#options = options;
    this.#connected.promise.catch(() => {});
    this.#cluster = this.#create();
    void this.#find(this.#cluster);
  }

  get isReady(): boolean {
    return this.#isConnected;
  }

  async run<Reply>(command: (client: RedisCommands) => Promise<Reply>): Promise<Reply> {
    if (this.#options.isPatient) await this.#connected.promise;
    return command(this.#cluster);
  }

  /** By the one server that the channel belongs to: through several of them one message overtakes another. */
  publish(channel: string, message: string): Promise<unknown> {
    return this.run(() => this.#cluster.sPublish(channel, message));
  }

  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    this.#subscriptions.push({ channel, listener });
    if (this.#isConnected) await this.#cluster.sSubscribe(channel, listener);
  }

  async close(): Promise<void> {
    this.#end();
    await this.#cluster.close();
  }

  destroy(): void {
    this.#end();
    this.#cluster.destroy();
  }

  #end(): void {
    this.#closing.abort();
    this.#connected.reject(new ClientClosedError());
    clearTimeout(this.#findAnew);
  }

  #create(): Cluster {
    const { onError } = this.#options;
    const cluster = createClusterClient(this.#options, () => this.#wants(cluster));
    const reached = new Set<string>();
    cluster.on('error', onError);
    cluster.on('node-ready', ({ host, port }: Server) => reached.add(`${host}:${port}`));
    cluster.on('node-error', (error: unknown, { host, port }: Server) => {
      onError(error);
      // The client itself looks again for those that it had reached.
      if (cluster === this.#cluster && !reached.has(`${host}:${port}`)) this.#replaceSoon();
    });
    return cluster;
  }

  async #find(cluster: Cluster): Promise<void> {
    const { signal } = this.#closing;
    for (let tries = 0; this.#wants(cluster); tries++) {
      try {
        await cluster.connect();
        break;
      } catch {
        // Told by 'error', with its reason.
        await pause(retryDelayMs(tries), signal).catch(() => {});
      }
    }
    if (!this.#wants(cluster)) return cluster.destroy();
    this.#isConnected = true;
    this.#connected.resolve();
    this.#options.onReady();
    for (const { channel, listener } of this.#subscriptions)
      cluster.sSubscribe(channel, listener).catch((error: unknown) => this.#options.onError(error));
  }

  /** Its successor may take its place at any moment. */
  #wants(cluster: Cluster): boolean {
    return !this.#closing.signal.aborted && cluster === this.#cluster;
  }

  #replaceSoon(): void {
    if (this.#closing.signal.aborted) return;
    this.#findAnew ??= setTimeout(() => {
      this.#findAnew = undefined;
      const before = this.#cluster;
      // Whoever waits already waits on.
      if (this.#isConnected) this.#connected = Promise.withResolvers();
      this.#connected.promise.catch(() => {});
      this.#isConnected = false;
      this.#cluster = this.#create();
      void this.#find(this.#cluster);
      before.destroy();
    }, findAnewAfterMs);
  }
}

interface Server {
  readonly host: string;
  readonly port: number;
}

function createClusterClient(options: RedisLinkOptions, isWanted: () => boolean) {
  const { protocol, hostname, username, password } = new URL(options.url);
  const { socket, ...defaults } = createClientOptions(options);
  // The servers tell each other's addresses without a name; the certificate is made out to the name that we were given.
  const encryption = protocol === 'rediss:' ? ({ tls: true, servername: hostname } as const) : {};
  return createCluster({
    rootNodes: [{ url: options.url }],
    defaults: {
      ...defaults,
      ...(username !== '' && { username: decodeURIComponent(username) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
      socket: {
        ...socket,
        ...encryption,
        // What the client was about to open when it was destroyed is nobody's: it would try for ever.
        reconnectStrategy: (tries) => (isWanted() ? retryDelayMs(tries) : false),
      },
    },
    // One that is down is no reason to wait with all the others.
    minimizeConnections: true,
    topologyRefreshOnReconnectionAttemptStrategy: findAnewAfterMs,
  });
}
