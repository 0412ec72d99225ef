// A stand-in of Event Grid: subscriptions with their handshake, pushed delivery with retries, and the dead letters.
import { randomUUID } from 'node:crypto';
import { type PostOutcome, post } from '../delivery/post.ts';
import { createScaledTimers } from '../delivery/scaled-timers.ts';
import {
  createDeliveryFaults,
  createUnrulyDelivery,
  type DeliveryFaults,
  type UnrulyDelivery,
} from '../delivery/unruly-delivery.ts';
import { formatDelivery, formatGridEvent, type GridEvent } from './grid-event.ts';
import { shakeHands } from './grid-handshake.ts';
import type { Subscription, SubscriptionRequest } from './subscription.ts';

export interface DeadLetter {
  readonly event: GridEvent;
  readonly subscription: string;
  readonly deadLetterReason: 'MaxDeliveryAttemptsExceeded' | 'TimeToLiveExceeded' | 'Undeliverable';
  readonly deliveryAttempts: number;
  readonly lastDeliveryOutcome: string;
}

/** Where dead letters are put: a container of a storage account. */
export interface DeadLetterContainer {
  put(name: string, content: string): void;
}

/** One try, as it went: for tests and for the local world's log. */
export interface DeliveryAttempt {
  readonly subscription: string;
  readonly eventIds: readonly string[];
  readonly attempt: number;
  readonly outcome: string;
}

export interface EventGrid {
  readonly topic: string;
  readonly faults: DeliveryFaults;
  readonly deadLetters: readonly DeadLetter[];
  readonly attempts: readonly DeliveryAttempt[];
  /** Throws when the endpoint fails the handshake. */
  subscribe(request: SubscriptionRequest): Promise<void>;
  /** From now on; without it they are dropped. */
  putAsideIn(container: DeadLetterContainer): void;
  publish(event: Pick<GridEvent, 'type' | 'subject' | 'data'>): GridEvent;
  /** What was delivered so far. */
  forget(): void;
  stop(): void;
}

const answerWithinMs = 30_000;
/** After these, every 12 hours. */
const retryAfterMs = [10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000];
const lastRetryAfterMs = 43_200_000;
/** The service's own defaults. */
const defaultMaxAttempts = 30;
const defaultTimeToLiveMs = 1_440 * 60_000;
/** Some minutes after the last try. */
const putAsideAfterMs = 300_000;
/** What a long soak may leave behind; the oldest go first. */
const maxRemembered = 2_000;

const outcomeNames = { 'timed-out': 'TimedOut', unreachable: 'ConnectionFailed' } as const;
const succeeded = (status: number) => status >= 200 && status <= 204;
const isFinal = (status: number, kind: Subscription['kind']) =>
  status === 400 || status === 413 || status === 403 || (status === 401 && kind === 'webhook');

export function createEventGrid(options: { readonly timeScale?: number; readonly topic?: string } = {}): EventGrid {
  const topic =
    options.topic ??
    '/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-local/providers/microsoft.communication/communicationservices/acs-local';
  const timers = createScaledTimers(options.timeScale ?? 1);
  const stopping = new AbortController();
  const faults = createDeliveryFaults();
  const deadLetters: DeadLetter[] = [];
  const attempts: DeliveryAttempt[] = [];
  let container: DeadLetterContainer | undefined;
  const subscriptions: { readonly subscription: Subscription; readonly delivery: UnrulyDelivery<GridEvent> }[] = [];

  const remember = <Item>(items: Item[], item: Item) => {
    items.push(item);
    if (items.length > maxRemembered) items.shift();
  };

  function push(subscription: Subscription, events: readonly GridEvent[], attempt: number): Promise<PostOutcome> {
    const { body, contentType } = formatDelivery(events, subscription.schema);
    return post(subscription.url, {
      headers: {
        'content-type': contentType,
        'aeg-event-type': 'Notification',
        'aeg-subscription-name': subscription.name.toUpperCase(),
        'aeg-delivery-count': String(attempt),
        'aeg-data-version': '1.0',
        'aeg-metadata-version': '1',
        'aeg-output-event-id': randomUUID(),
      },
      body: faults.alter(body),
      answerWithinMs,
      signal: stopping.signal,
    });
  }

  async function deliver(subscription: Subscription, events: readonly GridEvent[]): Promise<void> {
    const giveUp = (deadLetterReason: DeadLetter['deadLetterReason'], deliveryAttempts: number, outcome: string) => {
      const facts = { deadLetterReason, deliveryAttempts, lastDeliveryOutcome: outcome };
      for (const event of events) remember(deadLetters, { event, subscription: subscription.name, ...facts });
      timers.after(putAsideAfterMs, () => {
        const letters = events.map((event) => ({ ...formatGridEvent(event, subscription.schema), ...facts }));
        container?.put(formatLetterName(subscription.name), JSON.stringify(letters));
      });
    };
    let waitedMs = 0;
    for (let attempt = 0; !stopping.signal.aborted; attempt++) {
      const tried = await push(subscription, events, attempt);
      const outcome = typeof tried === 'number' ? tried : outcomeNames[tried];
      if (stopping.signal.aborted) return;
      remember(attempts, {
        subscription: subscription.name,
        eventIds: events.map((event) => event.id),
        attempt,
        outcome: String(outcome),
      });
      if (typeof outcome === 'number') {
        if (succeeded(outcome)) return;
        if (isFinal(outcome, subscription.kind)) return giveUp('Undeliverable', attempt + 1, String(outcome));
      }
      if (attempt + 1 >= subscription.maxAttempts)
        return giveUp('MaxDeliveryAttemptsExceeded', attempt + 1, String(outcome));
      const waitMs = retryAfterMs[attempt] ?? lastRetryAfterMs;
      waitedMs += waitMs;
      if (!(await timers.sleep(waitMs))) return;
      // The age is looked at only when the next try is due.
      if (waitedMs > subscription.timeToLiveMs) return giveUp('TimeToLiveExceeded', attempt + 1, String(outcome));
    }
  }

  return {
    topic,
    faults,
    deadLetters,
    attempts,
    async subscribe(request) {
      const subscription: Subscription = {
        ...request,
        name: request.name ?? `subscription-${subscriptions.length + 1}`,
        maxAttempts: request.maxAttempts ?? defaultMaxAttempts,
        timeToLiveMs: request.timeToLiveMs ?? defaultTimeToLiveMs,
      };
      await shakeHands(subscription, topic);
      const send = (events: readonly GridEvent[]) => void deliver(subscription, events);
      subscriptions.push({ subscription, delivery: createUnrulyDelivery({ faults, timers, send }) });
    },
    putAsideIn(given) {
      container = given;
    },
    publish({ type, subject, data }) {
      const event = { id: randomUUID(), topic, subject, type, data, time: new Date().toISOString() };
      for (const { subscription, delivery } of subscriptions)
        if (subscription.eventTypes?.includes(type) ?? true)
          delivery.push(type.replace('Microsoft.Communication.', ''), event);
      return event;
    },
    forget() {
      deadLetters.length = 0;
      attempts.length = 0;
    },
    stop() {
      timers.stop();
      stopping.abort();
    },
  };
}

/** The subscription in upper case; the hour in UTC, without leading zeros. */
function formatLetterName(subscription: string): string {
  const now = new Date();
  const hour = [now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate(), now.getUTCHours()].join('/');
  return `${subscription.toUpperCase()}/${hour}/${randomUUID()}.json`;
}
