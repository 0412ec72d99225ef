// Starts a real Redis cluster of three servers on this machine, if it has Redis: each has a third of the keys.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { findFreePort } from './world/free-port.ts';

const slots = 16_384;
const serverCount = 3;
/** After so long without a word a server is taken for dead by the others. */
const nodeTimeoutMs = 1_000;
/** A cluster is not written to for two seconds after its start. */
const readyWithinMs = 15_000;

export interface RedisClusterServer extends RedisServer {
  /** Where it was, with its part of the keys and none of its data. */
  restart(): Promise<void>;
  /** `KEYS *` and whatever else a test wants to ask this one server. */
  ask(...command: readonly string[]): Promise<unknown>;
}

export interface RedisCluster {
  /** Of one of them. */
  readonly url: string;
  readonly servers: readonly RedisClusterServer[];
  /** Resolves once all keys are served, by servers that all know each other. */
  untilWhole(): Promise<void>;
  /** One more server, which has the keys of this one when that dies. */
  addReplicaOf(master: RedisClusterServer): Promise<void>;
  stop(): Promise<void>;
}

/** Undefined when redis-server is not installed. */
export async function startRedisCluster(): Promise<RedisCluster | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-redis-cluster-'));
  const servers: RedisClusterServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  /** Known to the others, if there are any. */
  const add = async () => {
    // The bus is at port + 10000 else, which may be none.
    const busPort = await findFreePort();
    const server = await startClusterServer({ busPort, file: join(folder, `nodes-${servers.length}.conf`) });
    if (!server) return undefined;
    servers.push(server);
    const [first] = servers;
    if (server !== first) await first!.ask('CLUSTER', 'MEET', '127.0.0.1', new URL(server.url).port, String(busPort));
    return server;
  };
  const untilWhole = () => waitUntilWhole(servers);
  try {
    for (let n = 0; n < serverCount; n++) {
      const server = await add();
      if (!server) {
        await stop();
        return undefined;
      }
      const [from, until] = [n, n + 1].map((third) => Math.floor((third * slots) / serverCount));
      await server.ask('CLUSTER', 'ADDSLOTSRANGE', String(from), String(until! - 1));
    }
    await untilWhole();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: servers[0]!.url,
    servers: [...servers],
    untilWhole,
    stop,
    async addReplicaOf(master) {
      const replica = (await add())!;
      await untilWhole();
      await replica.ask('CLUSTER', 'REPLICATE', String(await master.ask('CLUSTER', 'MYID')));
      await until(async () => String(await replica.ask('INFO', 'replication')).includes('master_link_status:up'));
    },
  };
}

async function startClusterServer({ busPort, file }: { busPort: number; file: string }) {
  const settings = [
    ...['--cluster-enabled', 'yes', '--cluster-config-file', file, '--cluster-port', String(busPort)],
    ...['--cluster-node-timeout', String(nodeTimeoutMs)],
  ];
  const started = await startRedisServer({ settings });
  if (!started) return undefined;
  let server = started;
  const { url } = server;
  return {
    url,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    async restart() {
      server = (await startRedisServer({ port: Number(new URL(url).port), settings }))!;
    },
    async ask(...command: readonly string[]): Promise<unknown> {
      // Whoever is dead answers nothing: asked again and again, it would hold up whoever asks.
      const client = createClient({ url, socket: { reconnectStrategy: false } });
      client.on('error', () => {});
      await client.connect();
      try {
        return await client.sendCommand([...command]);
      } finally {
        client.destroy();
      }
    },
  } satisfies RedisClusterServer;
}

async function waitUntilWhole(servers: readonly RedisClusterServer[]): Promise<void> {
  const whole = new RegExp(`cluster_state:ok[\\s\\S]*cluster_known_nodes:${servers.length}\\b`);
  for (const server of servers) await until(async () => whole.test(String(await server.ask('CLUSTER', 'INFO'))));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const untilMs = performance.now() + readyWithinMs;
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error(`the Redis cluster was not whole within ${readyWithinMs} ms`);
    await sleep(50);
  }
}
