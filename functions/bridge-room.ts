// Whether any bridge has room for one more call.
import type { BridgeLoads } from '../shared/stores/bridge-loads.ts';
import { within } from '../shared/within.ts';

/** A caller hears ringing meanwhile. */
const limitMs = 300;

/**
 * True also where nobody knows: the store is away, or no bridge tells. What bridges tell is up to two seconds old: a call that is
 * answered and finds no room all the same is turned away then.
 */
export async function hasRoom(loads: Pick<BridgeLoads, 'list'>): Promise<boolean> {
  try {
    const bridges = await within(limitMs, loads.list(), () => []);
    return bridges.length === 0 || bridges.some(({ freePlaces }) => freePlaces > 0);
  } catch {
    return true;
  }
}
