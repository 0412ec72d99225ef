// What an at-least-once, unordered sender may do to events before they leave: hold, swap, repeat, gather.
import type { ScaledTimers } from './scaled-timers.ts';

/** All off by default; may be changed while running. */
export interface DeliveryFaults {
  /** Each delivery goes out twice, with the same ids. */
  duplicate: boolean;
  /** An event waits for the next one and leaves after it. */
  reorder: boolean;
  /** Each delivery leaves so much later. */
  delayMs: number;
  /** Events that come close together leave in one request. */
  batch: boolean;
}

export function createDeliveryFaults(): DeliveryFaults {
  return { duplicate: false, reorder: false, delayMs: 0, batch: false };
}

/** How long a held event waits for company before it leaves alone. */
const holdMs = 400;

export interface UnrulyDelivery<Event> {
  push(event: Event): void;
}

export function createUnrulyDelivery<Event>(options: {
  readonly faults: DeliveryFaults;
  readonly timers: ScaledTimers;
  readonly send: (events: readonly Event[]) => void;
}): UnrulyDelivery<Event> {
  const { faults, timers } = options;
  let held: Event[] = [];
  let takeBack: (() => void) | undefined;

  const leave = (events: readonly Event[]) => {
    const send = () => {
      options.send(events);
      if (faults.duplicate) options.send(events);
    };
    if (faults.delayMs > 0) timers.after(faults.delayMs, send);
    else send();
  };
  const release = () => {
    takeBack?.();
    takeBack = undefined;
    const events = held;
    held = [];
    if (faults.batch && events.length > 0) leave(events);
    else for (const event of events) leave([event]);
  };

  return {
    push(event) {
      if (faults.batch) {
        held.push(event);
        takeBack ??= timers.after(holdMs, release);
      } else if (faults.reorder && held.length === 0) {
        held.push(event);
        takeBack = timers.after(holdMs, release);
      } else {
        leave([event]);
        release();
      }
    },
  };
}
