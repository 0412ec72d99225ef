// The requests by which an agent's webhook is told of a call: every try, and when the next one is due.

export const deliveryEvents = ['call-ended', 'outcome-ready', 'recording-ready'] as const;
/** What a webhook may be told. */
export type DeliveryEvent = (typeof deliveryEvents)[number];

export interface DeliveryTry {
  readonly event: DeliveryEvent;
  readonly attempt: number;
  readonly at: number;
  readonly tookMs: number;
  /** What the webhook answered; undefined when it did not. */
  readonly status?: number;
  /** `delivered`, or when it is tried again; neither: given up. */
  readonly delivered?: boolean;
  readonly nextAt?: number;
}

/** The last try of this event. */
export function findLastTry(tries: readonly DeliveryTry[], event: DeliveryEvent): DeliveryTry | undefined {
  return tries.findLast((tried) => tried.event === event);
}
