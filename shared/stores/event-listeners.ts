// Who listens to which call in this process, and the delivery of one event to them.
import type { CallId } from '../call/call.ts';
import type { LiveEvent } from '../call/call-event.ts';
import type { Logger } from '../logger.ts';

type Listener = (event: LiveEvent) => void;

export class EventListeners {
  readonly #log: Logger;
  /** By call id or 'all'. A fresh object per subscription: the same function may be subscribed twice. */
  readonly #subscriptions = new Map<string, Set<{ readonly listener: Listener }>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0;
  }

  add(name: CallId | 'all', listener: Listener): () => void {
    const subscription = { listener };
    const subscriptions = this.#subscriptions.get(name) ?? new Set();
    this.#subscriptions.set(name, subscriptions.add(subscription));
    return () => {
      subscriptions.delete(subscription);
      if (subscriptions.size === 0 && this.#subscriptions.get(name) === subscriptions) this.#subscriptions.delete(name);
    };
  }

  deliver(event: LiveEvent): void {
    this.#deliverTo(event.callId, event);
    this.#deliverTo('all', event);
  }

  clear(): void {
    for (const subscriptions of this.#subscriptions.values()) subscriptions.clear();
    this.#subscriptions.clear();
  }

  /** A set walked while it changes skips what was deleted: an unsubscribed listener hears nothing more, even now. */
  #deliverTo(name: string, event: LiveEvent): void {
    for (const { listener } of this.#subscriptions.get(name) ?? []) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ error, callId: event.callId, event: event.type }, 'a listener of call events threw');
      }
    }
  }
}
