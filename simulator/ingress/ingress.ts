// One address before several replicas, as a container platform has it: who is ready gets new connections, and old ones stay where they are.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface IngressReplica {
  readonly url: string;
  /** As it said when it was last asked. */
  readonly isReady: boolean;
  /** Open now. */
  readonly connections: number;
}

export interface Ingress {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly replicas: readonly IngressReplica[];
  /** Resolves when it has been asked for the first time. */
  add(url: string): Promise<void>;
  /** It gets no new connections any more; those it has stay. */
  remove(url: string): void;
  stop(): Promise<void>;
}

interface Replica {
  readonly url: string;
  isReady: boolean;
  connections: number;
}

/** How often each replica is asked whether it is ready, and how long it may think. */
const defaultProbeEveryMs = 1_000;
const probeWithinMs = 1_000;
const noReplica = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export interface IngressOptions {
  readonly port?: number;
  readonly probeEveryMs?: number;
  /** `/readyz` by default. */
  readonly probePath?: string;
  /** What a replica has to answer; by default, that it is ready. */
  readonly isReady?: (response: Response) => boolean;
}

export async function startIngress(options: IngressOptions = {}): Promise<Ingress> {
  const { port = 0, probeEveryMs = defaultProbeEveryMs, probePath = '/readyz' } = options;
  const { isReady = ({ ok }: Response) => ok } = options;
  let replicas: Replica[] = [];
  const sockets = new Set<Socket>();
  let turn = 0;

  async function probe(replica: Replica): Promise<void> {
    try {
      const response = await fetch(replica.url + probePath, { signal: AbortSignal.timeout(probeWithinMs) });
      await response.arrayBuffer();
      replica.isReady = isReady(response);
    } catch {
      replica.isReady = false;
    }
  }
  const probing = setInterval(() => {
    for (const replica of replicas) void probe(replica);
  }, probeEveryMs);

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
  }

  function hand(client: Socket, candidates: readonly Replica[]): void {
    const [replica, ...others] = candidates;
    if (!replica) {
      client.end(noReplica);
      return;
    }
    const { hostname, port } = new URL(replica.url);
    const onward = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    keep(onward);
    const unreachable = () => {
      replica.isReady = false;
      if (!client.destroyed) hand(client, others);
    };
    onward.once('error', unreachable);
    onward.once('connect', () => {
      onward.off('error', unreachable);
      replica.connections++;
      onward.once('close', () => replica.connections--);
      join(client, onward);
    });
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    keep(client);
    client.on('error', () => {});
    const ready = replicas.filter(({ isReady }) => isReady);
    const first = turn++ % Math.max(1, ready.length);
    hand(client, [...ready.slice(first), ...ready.slice(0, first)]);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get replicas() {
      return replicas;
    },
    async add(url) {
      const replica = { url, isReady: false, connections: 0 };
      replicas.push(replica);
      await probe(replica);
    },
    remove(url) {
      replicas = replicas.filter((replica) => replica.url !== url);
    },
    async stop() {
      clearInterval(probing);
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** What becomes of one end becomes of the other: an end in order, or a reset. */
function join(a: Socket, b: Socket): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.pipe(to);
    from.once('error', () => to.resetAndDestroy());
    from.once('close', () => to.destroySoon());
  }
}
