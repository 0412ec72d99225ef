// What Event Grid sends, in its own schema and as CloudEvents 1.0, and what it says of an incoming call.
import { z } from 'zod';
import { readEventTime } from './event-batch.ts';

export interface EventGridEvent {
  readonly id: string;
  readonly type: string;
  readonly subject?: string | undefined;
  /** Unix time in ms. */
  readonly at?: number;
  readonly data: unknown;
}

const cloudEventSchema = z
  .object({
    id: z.string(),
    type: z.string(),
    subject: z.string().optional(),
    time: z.string().optional(),
    data: z.unknown(),
  })
  .transform(
    ({ id, type, subject, time, data }): EventGridEvent => ({ id, type, subject, at: readEventTime(time), data }),
  );

const ownSchema = z
  .object({
    id: z.string(),
    eventType: z.string(),
    subject: z.string().optional(),
    eventTime: z.string().optional(),
    data: z.unknown(),
  })
  .transform(({ id, eventType, subject, eventTime, data }): EventGridEvent => {
    return { id, type: eventType, subject, at: readEventTime(eventTime), data };
  });

const isCloudEvent = (event: unknown) => typeof event === 'object' && event !== null && 'specversion' in event;

export const eventGridSchema: z.ZodType<EventGridEvent> = z.unknown().transform((event, context) => {
  const parsed = (isCloudEvent(event) ? cloudEventSchema : ownSchema).safeParse(event);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

export const incomingCallType = 'Microsoft.Communication.IncomingCall';
export const validationType = 'Microsoft.EventGrid.SubscriptionValidationEvent';

export const validationSchema = z.object({ validationCode: z.string().min(1) });

const partySchema = z
  .object({ rawId: z.string().optional(), phoneNumber: z.object({ value: z.string() }).nullish() })
  .transform(({ rawId, phoneNumber }, context) => {
    const party = phoneNumber?.value ?? rawId;
    if (party) return party;
    context.addIssue({ code: 'custom', path: ['rawId'], message: 'is missing' });
    return z.NEVER;
  });

/** `from` and `to` are raw ids, or numbers where they are phones. */
export const incomingCallSchema = z.object({
  incomingCallContext: z.string().min(1),
  correlationId: z.string().min(1),
  serverCallId: z.string().default(''),
  from: partySchema,
  to: partySchema,
});
export type IncomingCallData = z.output<typeof incomingCallSchema>;
