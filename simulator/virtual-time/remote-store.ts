// A store as a machine reaches it: over a link that can be slow, cut, refused or a black hole, as Redis and Cosmos DB are reached.
import { AsyncResource } from 'node:async_hooks';
import { AppError } from '../../shared/errors.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import type { Link } from './link.ts';
import { currentMachine, type Machine } from './machine.ts';

type Method = (...args: unknown[]) => unknown;

/** Answered by nobody, and lost where the link is not up. */
const oneWay: ReadonlySet<string> = new Set(['publishPartial']);

/** To be called outside all machines. Whatever the store does by itself is then nobody's. */
export function reachStores(stores: Stores, links: { readonly live: Link; readonly history: Link }): Stores {
  return {
    stream: reach(stores.stream, links.live),
    leases: reach(stores.leases, links.live),
    dialCounts: reach(stores.dialCounts, links.live),
    bridgeLoads: reach(stores.bridgeLoads, links.live),
    lookUps: reach(stores.lookUps, links.live),
    history: reach(stores.history, links.history),
    callers: reach(stores.callers, links.history),
    // Of a client that goes: the store stays, for the others.
    close: async () => {},
  };
}

function reach<Port extends object>(port: Port, link: Link): Port {
  const home = new AsyncResource('Store', { requireManualDestroy: true });
  const back = {};
  return new Proxy(port, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function' || typeof name !== 'string') return method;
      if (name === 'close') return async () => {};
      const call: Method = (...args) => home.runInAsyncScope(method as Method, target, ...args);
      if (name.startsWith('subscribe')) return subscribeOver(link, call);
      if (oneWay.has(name))
        return (...args: unknown[]) => void (link.state === 'up' && link.send(back, () => call(...args)));
      return (...args: unknown[]) => request(link, name, () => call(...args) as Promise<unknown>);
    },
  });
}

/** Three ends: done, not done, and unknown, when the link is lost between the two. */
function request(link: Link, name: string, ask: () => Promise<unknown>): Promise<unknown> {
  const machine = currentMachine();
  return new Promise((resolve, reject) => {
    let isOpen = true;
    const settle = (step: () => void) => {
      if (!isOpen) return;
      isOpen = false;
      forget();
      stepOf(machine, step);
    };
    const fail = () => settle(() => reject(new AppError('STORE_UNAVAILABLE', `${name}: the store cannot be reached`)));
    const forget = link.whenCut(fail);
    if (link.state === 'refused') {
      fail();
      return;
    }
    // Requests on one connection overtake each other no more than parcels do.
    link.send(machine ?? link, () => {
      ask().then(
        (answer) => link.send(ask, () => settle(() => resolve(answer))),
        (error) => link.send(ask, () => settle(() => reject(error))),
      );
    });
  });
}

function subscribeOver(link: Link, call: Method): Method {
  return (subject, listener) => {
    const machine = currentMachine();
    const scope = new AsyncResource('Subscription', { requireManualDestroy: true });
    let isOpen = true;
    const hear = (event: unknown) => {
      if (!isOpen) return;
      const tell = () => scope.runInAsyncScope(listener as Method, undefined, event);
      link.send(scope, () => isOpen && stepOf(machine, tell));
    };
    const leave = call(subject, hear) as () => void;
    const stop = () => {
      isOpen = false;
      leave();
      forget?.();
    };
    // As a server that is told that the connection is gone.
    const forget = machine?.whenDead(stop);
    return stop;
  };
}

function stepOf(machine: Machine | undefined, step: () => void): void {
  if (machine) machine.step(step);
  else step();
}
