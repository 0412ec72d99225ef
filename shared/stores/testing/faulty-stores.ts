// Stores that fail as a test tells them to: away, hanging, slow, full, or answering late. Around any stores, in virtual time too.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallEvent } from '../../call/call-event.ts';
import { AppError } from '../../errors.ts';
import { interceptStore, type RequestKind } from '../intercepted-store.ts';
import type { Stores } from '../stores.ts';

export type StoreState =
  | 'well'
  /** Every request fails at once. */
  | 'away'
  /** No request is answered or carried out before the state changes. */
  | 'hanging'
  /** Requests are carried out, and none is answered before the state changes. */
  | 'mute'
  /** Reads are answered, writes are refused: a full disk, a replica. */
  | 'read-only';

/** What is wrong with one service that keeps data. Whoever holds it may change it at any time. */
export class StoreFaults {
  readonly #name: string;
  readonly #failing = new Set<number>();
  #state: StoreState = 'well';
  #changed = Promise.withResolvers<void>();
  #writes = 0;
  /** Each request takes so long before it is carried out. */
  delayMs = 0;
  /** Writes are carried out, and their answers get lost: whoever asked is told of a failure. */
  losesAnswers = false;

  constructor(name: string) {
    this.#name = name;
  }

  get state(): StoreState {
    return this.#state;
  }

  become(state: StoreState): void {
    this.#state = state;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Resolves at the next change of the state. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  /** The next write is number 1. */
  failWrites(...numbers: readonly number[]): void {
    this.#failing.clear();
    this.#writes = 0;
    for (const number of numbers) this.#failing.add(number);
  }

  async carryOut(kind: RequestKind, request: () => Promise<unknown>): Promise<unknown> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    while (this.#state === 'hanging') await this.changed;
    if (this.#state === 'away') throw this.#unavailable('it is away');
    const isWrite = kind !== 'read';
    const isEntry = isWrite && kind !== 'ping';
    if (isWrite && this.#state === 'read-only') throw this.#unavailable('it is read-only');
    if (isEntry && this.#failing.has(++this.#writes)) throw this.#unavailable('this write failed');
    const result = await request();
    while (this.#state === 'mute') await this.changed;
    if (isEntry && this.losesAnswers) throw this.#unavailable('its answer was lost');
    return result;
  }

  #unavailable(problem: string): AppError {
    return new AppError('STORE_UNAVAILABLE', { store: this.#name, problem });
  }
}

export interface FaultyStores {
  readonly stores: Stores;
  /** Stream, leases and counts are one service. */
  readonly live: StoreFaults;
  readonly history: StoreFaults;
}

export function createFaultyStores(stores: Stores): FaultyStores {
  const live = new StoreFaults('the live store');
  const history = new StoreFaults('the history');
  const put = <Store extends object>(store: Store, faults: StoreFaults) =>
    interceptStore(store, (kind, request) => faults.carryOut(kind, request));
  const stream = put(stores.stream, live);
  /** A listener hears nothing over a link that is cut, and all of it afterwards; of partial transcripts nobody keeps any. */
  const subscribe: typeof stream.subscribe = (callId, listener) => {
    const held: CallEvent[] = [];
    const tellHeld = async () => {
      while (!isHeard(live)) await live.changed;
      for (const event of held.splice(0)) listener(event);
    };
    const unsubscribe = stores.stream.subscribe(callId, (event) => {
      if (isHeard(live) && held.length === 0) listener(event);
      else if (held.push(event) === 1) void tellHeld();
    });
    return () => {
      held.length = 0;
      unsubscribe();
    };
  };
  const subscribePartials: typeof stream.subscribePartials = (callId, listener) =>
    stores.stream.subscribePartials(callId, (partial) => {
      if (isHeard(live)) listener(partial);
    });
  return {
    live,
    history,
    stores: {
      stream: override(stream, { subscribe, subscribePartials }),
      leases: put(stores.leases, live),
      dialCounts: put(stores.dialCounts, live),
      bridgeLoads: put(stores.bridgeLoads, live),
      lookUps: put(stores.lookUps, live),
      history: put(stores.history, history),
      callers: put(stores.callers, history),
      close: () => stores.close(),
    },
  };
}

const isHeard = ({ state }: StoreFaults) => state === 'well' || state === 'read-only';

function override<Store extends object>(store: Store, members: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => Reflect.get(name in members ? members : target, name),
  });
}
