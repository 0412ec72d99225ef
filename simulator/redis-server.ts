// Starts a real Redis on this machine, if it has one: for the local world and for tests of the Redis stores.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from './world/free-port.ts';

export interface RedisServer {
  readonly url: string;
  readonly pid: number;
  /** Kills it and forgets its data. */
  stop(): Promise<void>;
}

/** Redis is ready in some 20 ms; a loaded machine takes a second. */
const startTimeoutMs = 10_000;

/** Somebody else may take a free port before Redis does, which takes no port 0. */
const portTries = 5;

/** Those that run: none outlives this process, however that ends, unless it is killed itself. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL');
});

/** Undefined when redis-server is not installed. `port` is for one that comes back where it was; else any free port. `settings`: beside our own. */
export async function startRedisServer({
  port,
  settings = [],
}: {
  port?: number;
  settings?: readonly string[];
} = {}): Promise<RedisServer | undefined> {
  if (port !== undefined) return startOn(port, settings);
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await findFreePort(), settings);
    } catch (error) {
      if (tries === portTries || !String(error).includes('Failed listening')) throw error;
    }
  }
}

async function startOn(port: number, settings: readonly string[]): Promise<RedisServer | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-redis-'));
  // No shell in between: the pid is Redis's own. Nothing is kept on disk.
  const server = spawn(
    'redis-server',
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
      ...settings,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  running.add(server);
  server.once('close', () => running.delete(server));
  const remove = () => rm(folder, { recursive: true, force: true });
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const failed = once(server, 'spawn').then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  const error = await failed;
  if (error) {
    await remove();
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  const stop = async () => {
    server.kill('SIGKILL');
    await closed;
    await remove();
  };
  const lines = createInterface(server.stdout);
  const timer = setTimeout(() => server.kill('SIGKILL'), startTimeoutMs);
  const heard: string[] = [];
  const ready = await new Promise<boolean>((resolve) => {
    lines.on('line', (line) => {
      heard.push(line);
      if (line.includes('Ready to accept connections')) resolve(true);
    });
    lines.once('close', () => resolve(false));
  });
  clearTimeout(timer);
  if (!ready) {
    await stop();
    throw new Error(`redis-server did not start on port ${port}: ${heard.at(-1) ?? 'it said nothing'}`);
  }
  // Its log is read on, or a full pipe would stop it; nothing of it is kept.
  lines.removeAllListeners('line').on('line', () => {});
  return { url: `redis://127.0.0.1:${port}`, pid: server.pid!, stop };
}
