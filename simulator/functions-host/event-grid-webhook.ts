// Does what the Event Grid extension of the Functions host does with a delivery to /runtime/webhooks/EventGrid.
import type { FunctionApp } from './function-app.ts';
import type { InvocationRequest } from './functions-core.ts';

export interface Delivery {
  readonly functionName: string | null;
  /** The header aeg-event-type. */
  readonly kind: string | undefined;
  readonly body: Buffer;
  readonly traceContext: { traceParent: string };
}

export interface DeliveryAnswer {
  readonly status: number;
  readonly body?: string;
}

/** One invocation an event, all at once; if one of them throws, Event Grid is to send them all again. */
export async function deliverEvents(
  app: FunctionApp,
  delivery: Delivery,
  onFailure: (functionName: string, error: unknown) => void,
): Promise<DeliveryAnswer> {
  const target = app.functions.find(({ name, trigger }) => {
    return name === delivery.functionName && trigger.type.toLowerCase() === 'eventgridtrigger';
  });
  if (!target) return { status: 404 };
  if (delivery.kind === 'Unsubscribe') return { status: 202 };

  let events: unknown[];
  try {
    events = [JSON.parse(delivery.body.toString('utf8'))].flat();
  } catch {
    return { status: 400 };
  }
  if (delivery.kind === 'SubscriptionValidation') {
    const first = events[0] as { data?: { validationCode?: unknown } } | undefined;
    const validationResponse = first?.data?.validationCode;
    return { status: 200, body: JSON.stringify({ validationResponse }) };
  }
  if (delivery.kind !== 'Notification') return { status: 400 };

  const done = await Promise.allSettled(
    events.map((event) => app.invoke(target.name, createInvocation(target.triggerName, event, delivery))),
  );
  for (const result of done) {
    if (result.status === 'rejected') onFailure(target.name, result.reason);
  }
  return { status: done.every(({ status }) => status === 'fulfilled') ? 202 : 500 };
}

function createInvocation(triggerName: string, event: unknown, { traceContext }: Delivery): InvocationRequest {
  const members = typeof event === 'object' && event !== null ? Object.entries(event) : [];
  return {
    inputData: [{ name: triggerName, data: { json: JSON.stringify(event) } }],
    triggerMetadata: Object.fromEntries(
      members.map(([name, value]) => [name, { json: JSON.stringify(value ?? null) }]),
    ),
    traceContext,
  };
}
