// The network of virtual time: net's servers and sockets on this machine's loopback, joined in memory, over links that can fail.

import { AsyncResource } from 'node:async_hooks';
import { createHash, type Hash } from 'node:crypto';
import http from 'node:http';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import type { VirtualClock } from './clock.ts';
import { Link } from './link.ts';
import { currentMachine, type Machine } from './machine.ts';
import type { SeededRandom } from './seeded-random.ts';
import { real } from './time-globals.ts';
import { createSocketError, loopback, type Parcel, type SocketWorld, VirtualSocket } from './virtual-socket.ts';

const loopbackHosts = new Set(['localhost', '127.0.0.1', '::1', '0.0.0.0', '::', '']);
/** Where systems begin to hand out ports. */
const firstPort = 32_768;
/** Programs that belong to no machine are at home here. */
export const nowhere = 'world';

type NetServer = net.Server & {
  _handle: ListeningHandle | null;
  _connections: number;
};

interface ListeningHandle {
  readonly port: number;
  close(done?: () => void): void;
  getsockname(out: Record<string, unknown>): number;
  ref(): void;
  unref(): void;
  hasRef(): boolean;
}

interface Listener {
  readonly server: NetServer;
  readonly machine: Machine | undefined;
  readonly scope: AsyncResource;
  isRef: boolean;
}

export interface WireRecord {
  /** Of everything that was sent so far: the moment, the connection, the direction and the bytes. */
  digest(): string;
  readonly bytes: number;
}

export class VirtualNetwork implements SocketWorld {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #onChange: () => void;
  readonly #listeners = new Map<number, Listener>();
  readonly #sockets = new Set<VirtualSocket>();
  readonly #links = new Map<string, Link>();
  /** The same, by one end and then the other: each parcel asks for its link. */
  readonly #linksOf = new Map<string, Map<string, Link>>();
  #underway = 0;
  #lastPort = firstPort;
  #connections = 0;
  #wire: Hash | undefined;
  #wireBytes = 0;

  constructor(clock: VirtualClock, random: SeededRandom, onChange: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#onChange = onChange;
  }

  /** Deliveries that are due at the present moment. */
  get underway(): number {
    return this.#underway;
  }

  /** Whether a server or a socket keeps the process alive. */
  get isAlive(): boolean {
    for (const { isRef } of this.#listeners.values()) if (isRef) return true;
    for (const { isRef } of this.#sockets) if (isRef) return true;
    return false;
  }

  get sockets(): ReadonlySet<VirtualSocket> {
    return this.#sockets;
  }

  get ports(): number[] {
    return [...this.#listeners.keys()];
  }

  /** Between two machines, in whichever direction connections are made; `world` is where all other code is at home. */
  link(a: string, b: string): Link {
    return this.#linksOf.get(a)?.get(b) ?? this.#openLink(a, b);
  }

  get links(): ReadonlyMap<string, Link> {
    return this.#links;
  }

  /** Of a machine that is gone for good. */
  forgetLinksOf(name: string): void {
    for (const other of this.#linksOf.get(name)?.keys() ?? []) {
      this.#links.delete(nameLink(name, other));
      this.#linksOf.get(other)!.delete(name);
    }
    this.#linksOf.delete(name);
  }

  /** From now on. */
  record(): WireRecord {
    const hash = createHash('sha256');
    this.#wire = hash;
    this.#wireBytes = 0;
    const bytes = () => this.#wireBytes;
    return {
      digest: () => hash.copy().digest('hex'),
      get bytes() {
        return bytes();
      },
    };
  }

  deliver(end: VirtualSocket, step: () => void): void {
    const { machine } = end;
    this.soon(() => {
      const enter = () => end.enter(step);
      if (machine) machine.step(enter);
      else enter();
    });
  }

  /** In a turn of its own, at the present moment. */
  soon(step: () => void): void {
    this.#underway++;
    real.setImmediate(() => {
      this.#underway--;
      step();
    });
    this.#onChange();
  }

  carry(from: VirtualSocket, parcel: Parcel): void {
    if (this.#wire) {
      this.#wire.update(`${this.#clock.nowMs} ${from.connectionId} ${from.port < from.peerPort} `);
      this.#wire.update(parcel);
      this.#wireBytes += parcel.length;
    }
    this.#linkOf(from, from.peer!).carry(from, parcel);
  }

  opened(end: VirtualSocket): void {
    this.#sockets.add(end);
  }

  closed(end: VirtualSocket): void {
    this.#sockets.delete(end);
    if (end.peer) this.#linkOf(end, end.peer).leave(end);
  }

  setTimer(callback: () => void, delayMs: number) {
    return this.#clock.setTimer(callback, delayMs);
  }

  connect(options: net.TcpNetConnectOpts & { readonly path?: string }, onConnect?: () => void): VirtualSocket {
    const { port, host = 'localhost' } = options;
    const socket = new VirtualSocket(this, this.#takePort(), Number(port), options);
    socket.beginConnecting();
    if (onConnect) socket.once('connect', onConnect);
    if (options.timeout) socket.setTimeout(options.timeout);
    options.signal?.addEventListener('abort', () => socket.destroy(), { once: true });
    if (options.path || !loopbackHosts.has(host.replace(/^\[|\]$/g, ''))) {
      const error = new Error(`virtual time knows no network but this machine's own: ${options.path || host}`);
      this.deliver(socket, () => socket.destroy(Object.assign(error, { code: 'ENOTFOUND', syscall: 'getaddrinfo' })));
      return socket;
    }
    const name = socket.machine?.name ?? nowhere;
    this.deliver(socket, () => {
      if (socket.destroyed) return;
      const listener = this.#listeners.get(Number(port));
      const link = this.link(name, listener?.machine?.name ?? nowhere);
      link.send({}, () => this.#meet(socket, Number(port)));
    });
    return socket;
  }

  listen(server: net.Server, port: number): void {
    const listening = server as NetServer;
    const taken = port || this.#takePort();
    if (this.#listeners.has(taken)) {
      const error = createSocketError('EADDRINUSE', 'listen', taken);
      error.message = `listen EADDRINUSE: address already in use ${loopback}:${taken}`;
      process.nextTick(() => server.emit('error', error));
      return;
    }
    const scope = new AsyncResource('VirtualServer', { requireManualDestroy: true });
    const listener: Listener = { server: listening, machine: currentMachine(), scope, isRef: true };
    this.#listeners.set(taken, listener);
    listening._handle = {
      port: taken,
      close: (done) => {
        if (this.#listeners.get(taken) === listener) this.#listeners.delete(taken);
        if (done) this.soon(done);
      },
      getsockname: (out) => {
        Object.assign(out, { address: loopback, family: 'IPv4', port: taken });
        return 0;
      },
      ref: () => {
        listener.isRef = true;
      },
      unref: () => {
        listener.isRef = false;
      },
      hasRef: () => listener.isRef,
    };
    this.soon(() => {
      if (listening._handle?.port === taken && !listener.machine?.isDead)
        scope.runInAsyncScope(() => server.emit('listening'));
    });
  }

  /** As when its process is killed: its kernel tells everybody who was connected. */
  removeAllOf(machine: Machine): void {
    for (const [port, listener] of this.#listeners) {
      if (listener.machine !== machine) continue;
      this.#listeners.delete(port);
      stopChecking(listener.server);
    }
    for (const socket of [...this.#sockets]) {
      if (socket.machine !== machine) continue;
      socket.vanish();
      // Later: it may be the parser that is at work now.
      this.soon(() => socket.forget());
    }
  }

  #meet(client: VirtualSocket, port: number): void {
    if (client.destroyed || client.machine?.isDead) return;
    const listener = this.#listeners.get(port);
    const link = this.link(client.machine?.name ?? nowhere, listener?.machine?.name ?? nowhere);
    if (!listener || link.state === 'refused') {
      this.deliver(client, () => client.destroy(createSocketError('ECONNREFUSED', 'connect', port)));
      return;
    }
    const { server, machine, scope } = listener;
    const accept = () => {
      const id = ++this.#connections;
      const accepted = new VirtualSocket(this, port, client.port, { allowHalfOpen: allowsHalfOpen(server) });
      accepted.join(client, id);
      this.link(client.machine?.name ?? nowhere, machine?.name ?? nowhere).join(client, accepted);
      // The kernel connects, whether or not the program takes the connection up.
      this.deliver(client, () => client.join(accepted, id));
      const take = () => {
        if (server.maxConnections && server._connections >= server.maxConnections) return void accepted.destroy();
        server._connections++;
        Object.assign(accepted, { server, _server: server });
        accepted.read(0);
        server.emit('connection', accepted);
      };
      if (machine) machine.step(() => accepted.enter(take));
      else accepted.enter(take);
    };
    this.soon(() => scope.runInAsyncScope(accept));
  }

  #openLink(a: string, b: string): Link {
    const after = (delayMs: number, step: () => void) => void this.#clock.setTimer(step, delayMs);
    const link = new Link({ after, draw: () => this.#random.fraction() });
    this.#links.set(nameLink(a, b), link);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const links = this.#linksOf.get(one) ?? new Map<string, Link>();
      this.#linksOf.set(one, links.set(other, link));
    }
    return link;
  }

  #takePort(): number {
    do this.#lastPort = this.#lastPort >= 60_000 ? firstPort : this.#lastPort + 1;
    while (this.#listeners.has(this.#lastPort));
    return this.#lastPort;
  }

  #linkOf(a: VirtualSocket, b: VirtualSocket): Link {
    return this.link(a.machine?.name ?? nowhere, b.machine?.name ?? nowhere);
  }
}

/** Until it is closed Node looks at the connections of an HTTP server every so often, by a timer that nobody can replace. */
function stopChecking(server: net.Server): void {
  const timers = Object.getOwnPropertySymbols(server).filter(({ description }) => description?.endsWith(checkingName));
  for (const timer of timers) (server as unknown as Record<symbol, NodeJS.Timeout | undefined>)[timer]?.close();
}
const checkingName = 'connectionsCheckingInterval';

const nameLink = (a: string, b: string) => [a, b].toSorted().join(' ');
const allowsHalfOpen = (server: net.Server) => Boolean((server as { allowHalfOpen?: boolean }).allowHalfOpen);

/** Puts `network` in the place of the kernel's, for all who come after. */
export function installNetwork(network: VirtualNetwork): void {
  const modules = createRequire(import.meta.url)('node:net') as Record<string, unknown>;
  const connect = (...args: unknown[]): net.Socket => {
    const [options, listener] = readConnectArguments(args);
    return network.connect(options, listener);
  };
  Object.assign(modules, { connect, createConnection: connect });
  Object.assign(http.Agent.prototype, { createConnection: connect });
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]) {
    const listener = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined;
    if (listener) this.once('listening', listener);
    const [first] = args;
    const port = typeof first === 'object' && first !== null ? (first as net.ListenOptions).port : first;
    network.listen(this, Number(port ?? 0));
    return this;
  } as net.Server['listen'];
  // Node keeps the text of this header on a clock of its own.
  Object.defineProperty(http.OutgoingMessage.prototype, 'sendDate', {
    get: () => false,
    set: () => {},
    configurable: true,
  });
  syncBuiltinESMExports();
}

function readConnectArguments(args: readonly unknown[]): [net.TcpNetConnectOpts, (() => void) | undefined] {
  const listener = args.findLast((arg) => typeof arg === 'function') as (() => void) | undefined;
  const [first, second] = args;
  if (typeof first === 'object' && first !== null) return [first as net.TcpNetConnectOpts, listener];
  return [{ port: Number(first), host: typeof second === 'string' ? second : 'localhost' }, listener];
}
