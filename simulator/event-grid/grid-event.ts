// One event of Event Grid, and its two forms on the wire: the Event Grid schema and CloudEvents 1.0.

export interface GridEvent {
  readonly id: string;
  /** The ARM id of what it happened to: `topic` or `source` on the wire. */
  readonly topic: string;
  readonly subject: string;
  readonly type: string;
  readonly time: string;
  readonly data: unknown;
}

export type GridSchema = 'eventgrid' | 'cloudevents';

export function formatGridEvent(event: GridEvent, schema: GridSchema): Record<string, unknown> {
  const { id, topic, subject, type, time, data } = event;
  if (schema === 'cloudevents') return { id, source: topic, subject, data, type, time, specversion: '1.0' };
  return { id, topic, subject, data, eventType: type, dataVersion: '1.0', metadataVersion: '1', eventTime: time };
}

/** The Event Grid schema always comes as an array; a CloudEvent comes alone unless several are sent together. */
export function formatDelivery(
  events: readonly GridEvent[],
  schema: GridSchema,
): { body: string; contentType: string } {
  const formatted = events.map((event) => formatGridEvent(event, schema));
  if (schema === 'eventgrid')
    return { body: JSON.stringify(formatted), contentType: 'application/json; charset=utf-8' };
  return formatted.length === 1
    ? { body: JSON.stringify(formatted[0]), contentType: 'application/cloudevents+json; charset=utf-8' }
    : { body: JSON.stringify(formatted), contentType: 'application/cloudevents-batch+json; charset=utf-8' };
}
