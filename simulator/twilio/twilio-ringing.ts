// Rings a phone from Twilio's side: what its pickup becomes in Twilio's statuses, and when.
import type { Phone } from '../caller/phone.ts';
import type { TwilioContext } from './twilio-context.ts';

export type Ringing =
  | { readonly status: 'in-progress'; readonly phone: Phone }
  | { readonly status: 'busy' | 'no-answer' | 'failed'; readonly sipCode?: string };

export async function ringPhone(
  { phones, timers }: TwilioContext,
  number: string,
  timeoutMs: number,
  callbacks: {
    /** There is such a phone. */
    onRinging(): void;
    /** Who rings gave up: no need to wait longer. */
    readonly givenUp: Promise<unknown>;
  },
): Promise<Ringing> {
  const pickup = phones.get(number);
  if (!pickup || pickup.kind === 'invalid-number') return { status: 'failed', sipCode: '404' };
  callbacks.onRinging();
  const ringing = (ms: number) => Promise.race([timers.sleep(ms), callbacks.givenUp]);
  switch (pickup.kind) {
    case 'busy':
      return { status: 'busy', sipCode: '486' };
    case 'declines':
      return { status: 'busy', sipCode: '603' };
    case 'no-answer':
      await ringing(timeoutMs);
      return { status: 'no-answer' };
    case 'answers':
      await ringing(Math.min(pickup.afterMs, timeoutMs));
      return pickup.afterMs < timeoutMs ? { status: 'in-progress', phone: pickup.phone } : { status: 'no-answer' };
    default:
      return pickup.kind satisfies never;
  }
}
