// Puts stores under watch: one over what live calls need, one over the history.
import type { Logger } from '../logger.ts';
import { interceptStore } from './intercepted-store.ts';
import { StoreWatch } from './store-watch.ts';
import type { LiveStores, Stores } from './stores.ts';

/** Redis answers in under 1 ms; whoever waits longer has a caller on the line. */
const liveLimitMs = 400;
/** Nobody on a line waits for the history; longer than a request to Cosmos DB that was throttled once. */
const historyLimitMs = 3000;

/** `names`: as an operator knows them. */
export function watchStores(stores: Stores, names: { live: string; history: string }, log: Logger): Stores {
  const live = watchLiveStores(stores, names.live, log);
  const { history, callers } = stores;
  const watch = new StoreWatch({
    name: names.history,
    limitMs: historyLimitMs,
    probe: () => history.ping(),
    // A call is larger than a probe: it may find no room where the probe does.
    isProbeAWrite: false,
    log,
  });
  const close = () => {
    watch.close();
    return live.close();
  };
  return { ...live, history: put(history, watch), callers: put(callers, watch), close };
}

export function watchLiveStores(
  stores: LiveStores,
  name: string,
  log: Logger,
  limitMs: number = liveLimitMs,
): LiveStores {
  const { stream, leases, dialCounts, bridgeLoads, lookUps } = stores;
  const probe = () => stream.ping();
  const watch = new StoreWatch({ name, limitMs, probe, isProbeAWrite: true, log });
  const close = () => {
    watch.close();
    return stores.close();
  };
  return {
    stream: put(stream, watch),
    leases: put(leases, watch),
    dialCounts: put(dialCounts, watch),
    bridgeLoads: put(bridgeLoads, watch),
    lookUps: put(lookUps, watch),
    close,
  };
}

function put<Store extends object>(store: Store, watch: StoreWatch): Store {
  return interceptStore(store, (kind, request) => (kind === 'ping' ? watch.check() : watch.run(kind, request)));
}
