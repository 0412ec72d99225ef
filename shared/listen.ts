// Has a server listen, or says in one line which setting keeps it from doing so.
import type { Server } from 'node:net';
import { AppError } from './errors.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** The setting that `port` came from. */
  readonly setting: string;
}

/** Throws BAD_SETTING. */
export async function listen(server: Server, { host, port, setting }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    throw new AppError('BAD_SETTING', explain(cause as NodeJS.ErrnoException, { host, port, setting }), { cause });
  } finally {
    server.off('error', reject);
  }
}

function explain({ code, message }: NodeJS.ErrnoException, { host, port, setting }: ListenOptions): string {
  switch (code) {
    case 'EADDRINUSE':
      return `${setting}: port ${port} of ${host} is in use by another process`;
    case 'EACCES':
      return `${setting}: this process may not use port ${port}`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST: this machine has no address ${host}`;
    default:
      return `${setting}: cannot listen at ${host}:${port} (${message})`;
  }
}
