// Who listens to which call in this process, and the delivery of what concerns it to them.
import type { CallId } from '../call/call.ts';
import type { Logger } from '../logger.ts';

type Listener<Item> = (item: Item) => void;

export class Listeners<Item extends { readonly callId: CallId }> {
  readonly #log: Logger;
  /** By call id or 'all'. A fresh object per subscription: the same function may be subscribed twice. */
  readonly #subscriptions = new Map<CallId | 'all', Set<{ readonly listener: Listener<Item> }>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  get isEmpty(): boolean {
    return this.#subscriptions.size === 0;
  }

  /** Calls that somebody listens to by name. */
  get callIds(): readonly CallId[] {
    return [...this.#subscriptions.keys()].filter((name): name is CallId => name !== 'all');
  }

  add(name: CallId | 'all', listener: Listener<Item>): () => void {
    const subscription = { listener };
    const subscriptions = this.#subscriptions.get(name) ?? new Set();
    this.#subscriptions.set(name, subscriptions.add(subscription));
    return () => {
      subscriptions.delete(subscription);
      if (subscriptions.size === 0 && this.#subscriptions.get(name) === subscriptions) this.#subscriptions.delete(name);
    };
  }

  deliver(item: Item): void {
    this.deliverToCall(item);
    this.#deliverTo('all', item);
  }

  /** To those alone who listen to its call by name. */
  deliverToCall(item: Item): void {
    this.#deliverTo(item.callId, item);
  }

  clear(): void {
    for (const subscriptions of this.#subscriptions.values()) subscriptions.clear();
    this.#subscriptions.clear();
  }

  /** A set walked while it changes skips what was deleted: an unsubscribed listener hears nothing more, even now. */
  #deliverTo(name: CallId | 'all', item: Item): void {
    for (const { listener } of this.#subscriptions.get(name) ?? []) {
      try {
        listener(item);
      } catch (error) {
        this.#log.error({ error, callId: item.callId }, 'a listener of a call threw');
      }
    }
  }
}
