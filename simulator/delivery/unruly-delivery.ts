// What an at-least-once, unordered sender may do to events before they leave: lose, hold, swap, repeat, gather.
import type { ScaledTimers } from './scaled-timers.ts';

/** All off by default; may be changed while running. Events are told apart by the sender's short names of their kinds. */
export interface DeliveryFaults {
  /** It never leaves. */
  drop: (name: string) => boolean;
  /** Each delivery goes out twice, with the same ids. */
  duplicate: boolean;
  /** An event waits for the next one and leaves after it. */
  reorder: boolean;
  /** It leaves so much later. */
  delayMs: number | ((name: string) => number);
  /** Events that come close together leave in one request, where the sender knows such requests. */
  batch: boolean;
  /** What the sender says in place of what it meant, as JSON. */
  alter(text: string): string;
}

export function createDeliveryFaults(): DeliveryFaults {
  return { drop: () => false, duplicate: false, reorder: false, delayMs: 0, batch: false, alter: (text) => text };
}

/** How long a held event waits for company before it leaves alone. */
const holdMs = 400;

export interface UnrulyDelivery<Event> {
  /** False: it is lost. */
  push(name: string, event: Event): boolean;
  /** Nothing comes after this: what is held for company leaves. */
  release(): void;
}

export function createUnrulyDelivery<Event>(options: {
  readonly faults: DeliveryFaults;
  readonly timers: ScaledTimers;
  readonly send: (events: readonly Event[]) => void;
}): UnrulyDelivery<Event> {
  const { faults, timers } = options;
  let held: { readonly event: Event; readonly delayMs: number }[] = [];
  let takeBack: (() => void) | undefined;

  const leave = (events: readonly Event[], delayMs: number) => {
    const send = () => {
      options.send(events);
      if (faults.duplicate) options.send(events);
    };
    if (delayMs > 0) timers.after(delayMs, send);
    else send();
  };
  const release = () => {
    takeBack?.();
    takeBack = undefined;
    const released = held;
    held = [];
    if (faults.batch && released.length > 0) {
      const events = released.map(({ event }) => event);
      leave(events, Math.max(...released.map(({ delayMs }) => delayMs)));
    } else for (const { event, delayMs } of released) leave([event], delayMs);
  };

  return {
    push(name, event) {
      if (faults.drop(name)) return false;
      const delayMs = typeof faults.delayMs === 'number' ? faults.delayMs : faults.delayMs(name);
      if (faults.batch) {
        held.push({ event, delayMs });
        takeBack ??= timers.after(holdMs, release);
      } else if (faults.reorder && held.length === 0) {
        held.push({ event, delayMs });
        takeBack = timers.after(holdMs, release);
      } else {
        leave([event], delayMs);
        release();
      }
      return true;
    },
    release,
  };
}
