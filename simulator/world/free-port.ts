// Finds a port that nobody uses, for a server whose address must be known before it starts.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below what systems hand out for port 0 and for outgoing connections: nobody is given one of these before it is used. */
const firstPort = 20_000;
const lastPort = 32_000;
const maxTries = 100;
/** Whoever was given one may not have opened it yet. */
const given = new Set<number>();

export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const port = randomInt(firstPort, lastPort);
    if (given.has(port)) continue;
    given.add(port);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`no free port found between ${firstPort} and ${lastPort}`);
}

export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
