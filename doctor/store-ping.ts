// Opens the stores as the parts do, and asks one of them until it answers or there is no hope.
import type { Config } from '../shared/config.ts';
import { silentLogger } from '../shared/logger.ts';
import { openStores } from '../shared/stores/open-stores.ts';
import type { Stores } from '../shared/stores/stores.ts';
import { pause } from '../shared/within.ts';

const everyMs = 250;
/** The first sign-in to Entra ID and the first request to a serverless database take seconds. */
const patienceMs = 12_000;
/** A connection that is being made may fail once for another reason than the next one. */
const maxRefusals = 3;

/** Resolves to how many ms an answer takes. Rejects with what was wrong last. */
export async function pingStore(config: Config, name: 'leases' | 'history', signal: AbortSignal): Promise<number> {
  const stores: Stores = await openStores(config, { log: silentLogger });
  try {
    const giveUpAt = performance.now() + patienceMs;
    for (let refusals = 0; ; ) {
      const askedAt = performance.now();
      try {
        await stores[name].ping();
        return Math.round(performance.now() - askedAt);
      } catch (error) {
        if (!/no answer/.test((error as Error).message)) refusals++;
        if (refusals === maxRefusals || performance.now() > giveUpAt || signal.aborted) throw error;
        await pause(everyMs, signal).catch(() => {});
      }
    }
  } finally {
    await stores.close();
  }
}
