// Rings a phone from the service's side: what its pickup becomes in the service's results, and when.
import type { Pickup } from '../caller/phone.ts';
import type { AcsContext } from './acs-context.ts';
import { type AcsResult, acsResults } from './acs-result.ts';

/** How long a phone rings before the service gives up. */
export const ringMs = 30_000;
/** From a dial to the network's verdict. */
export const verdictMs = 300;

export function ringUp(
  { phones, timers }: AcsContext,
  number: string,
  timeoutMs: number,
  fail: (result: AcsResult) => void,
  answered: (pickup: Extract<Pickup, { kind: 'answers' }>) => void,
): void {
  const pickup: Pickup = phones.get(number) ?? { kind: 'invalid-number' };
  if (pickup.kind !== 'answers')
    timers.after(pickup.kind === 'no-answer' ? timeoutMs : verdictMs, () => fail(resultOfPickup(pickup.kind)));
  else if (pickup.afterMs >= timeoutMs) timers.after(timeoutMs, () => fail(acsResults.ringTimeout));
  else timers.after(pickup.afterMs, () => answered(pickup));
}

function resultOfPickup(kind: Exclude<Pickup['kind'], 'answers'>): AcsResult {
  switch (kind) {
    case 'busy':
      return acsResults.busy;
    case 'declines':
      return acsResults.declined;
    case 'no-answer':
      return acsResults.noAnswer;
    case 'invalid-number':
      return acsResults.notFound;
    default:
      return kind satisfies never;
  }
}
