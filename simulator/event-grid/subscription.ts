// What a subscriber asks of Event Grid, and the same with the defaults filled in.
import type { GridSchema } from './grid-event.ts';

export interface SubscriptionRequest {
  readonly name?: string;
  readonly url: string;
  readonly schema: GridSchema;
  /** A trigger's URL is `/runtime/webhooks/eventgrid?functionName=…&code=…`. */
  readonly kind: 'webhook' | 'functions-trigger';
  /** None: all of them. */
  readonly eventTypes?: readonly string[];
  /** The service's own default is 30; 2 is what suits an incoming call. */
  readonly maxAttempts?: number;
  readonly timeToLiveMs?: number;
}

export type Subscription = Required<Omit<SubscriptionRequest, 'eventTypes'>> & Pick<SubscriptionRequest, 'eventTypes'>;
