// Connections that libraries keep for their next request are each machine's own: none sends over the sockets of another.
import http from 'node:http';
import { currentMachine, type Machine, outsideMachines } from './machine.ts';

type Dispatcher = NonNullable<RequestInit['dispatcher']>;

/** Where Node keeps the pool of its `fetch`. */
const sharedPool = Symbol.for('undici.globalDispatcher.1');
/** Nobody listens there. */
const nowhereUrl = 'http://127.0.0.1:1/';

export function installConnectionPools(): void {
  const nameOf = http.Agent.prototype.getName;
  http.Agent.prototype.getName = function (options) {
    const machine = currentMachine();
    const name = nameOf.call(this, options);
    return machine ? `${machine.name}/${machine.life}:${name}` : name;
  };

  const realFetch = globalThis.fetch;
  const pools = new WeakMap<Machine, Dispatcher>();
  let isTicking = false;
  const poolOf = (machine: Machine): Dispatcher => {
    let pool = pools.get(machine);
    if (!pool) {
      const Pool = (globalThis as Record<symbol, Dispatcher>)[sharedPool]!.constructor as new () => Dispatcher;
      pools.set(machine, (pool = new Pool()));
    }
    return pool;
  };
  globalThis.fetch = (input, init) => {
    const machine = currentMachine();
    if (!machine || init?.dispatcher) return realFetch(input, init);
    // It has one timer for all that it waits for, which belongs to whoever fetched first: that must not be a machine that dies.
    if (!isTicking) outsideMachines(() => void realFetch(nowhereUrl).catch(() => {}));
    isTicking = true;
    return realFetch(input, { ...init, dispatcher: poolOf(machine) });
  };
}
