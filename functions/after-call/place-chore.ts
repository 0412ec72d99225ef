// Chore: gives the place of an outbound call back, which was kept for an hour where the callee was handed over.
import type { CallState } from '../../shared/call/call-state.ts';
import type { DialCounts } from '../../shared/stores/dial-counts.ts';
import { placesCapName } from '../../shared/telephony/dial-places.ts';
import type { Chore } from './chore.ts';

export class PlaceChore implements Chore {
  readonly name = 'place';
  readonly #counts: Pick<DialCounts, 'release'>;

  constructor(counts: Pick<DialCounts, 'release'>) {
    this.#counts = counts;
  }

  async run({ callId, direction }: CallState): Promise<boolean> {
    if (direction === 'outbound') await this.#counts.release(placesCapName, callId);
    return true;
  }
}
