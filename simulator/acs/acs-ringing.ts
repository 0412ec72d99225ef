// Rings a phone from the service's side: what its pickup becomes in the service's results, and when.
import type { Phone, Pickup } from '../caller/phone.ts';
import type { AcsContext } from './acs-context.ts';
import { type AcsResult, acsResults } from './acs-result.ts';
import { createPhonePair } from './phone-pair.ts';

/** How long a phone rings before the service gives up. */
export const ringMs = 30_000;
/** From a dial to the network's verdict. */
export const verdictMs = 300;

/**
 * One of the two comes, once. A number of the resource rings at the application too, as it does live: whoever answers
 * first has the call.
 */
export function ringUp(
  { phones, timers, lines, announce }: AcsContext,
  { from, to, timeoutMs }: { readonly from: string; readonly to: string; readonly timeoutMs: number },
  fail: (result: AcsResult) => void,
  answered: (phone: Phone) => void,
): void {
  const isOurs = lines.has(to);
  const pickup: Pickup = phones.get(to) ?? { kind: isOurs ? 'no-answer' : 'invalid-number' };
  let isOver = false;
  let withdraw = () => {};
  const settle = (act: () => void) => {
    if (isOver) return;
    isOver = true;
    act();
  };
  const failAfter = (ms: number, result: AcsResult) =>
    timers.after(ms, () =>
      settle(() => {
        withdraw();
        fail(result);
      }),
    );
  if (isOurs) {
    const [theirs, ours] = createPhonePair();
    const { connected, giveUp } = announce({ from, to, phone: theirs });
    withdraw = giveUp;
    connected.then(
      () => settle(() => answered(ours)),
      () => {},
    );
  }
  if (pickup.kind !== 'answers')
    failAfter(pickup.kind === 'no-answer' ? timeoutMs : verdictMs, resultOfPickup(pickup.kind));
  else if (pickup.afterMs >= timeoutMs) failAfter(timeoutMs, acsResults.ringTimeout);
  else
    timers.after(pickup.afterMs, () =>
      settle(() => {
        withdraw();
        answered(pickup.phone);
      }),
    );
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
