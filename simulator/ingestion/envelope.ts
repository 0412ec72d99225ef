// What Application Insights' ingestion takes: the envelope of each kind of telemetry, with its fields and their limits.
import { z } from 'zod';

const text = (longest: number) => z.string().max(longest);
/** d.hh:mm:ss.fffffff, the days left out where there are none. */
const duration = z.string().regex(/^(\d+\.)?([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,7})?$/);
const spanId = z.string().regex(/^[0-9a-f]{16}$/);

const properties = z
  .record(z.string().min(1).max(150), text(8192))
  .refine((given) => Object.keys(given).length <= 200, 'has more than 200 properties');
const measurements = z.record(z.string().min(1).max(150), z.number());
const kept = { ver: z.literal(2), properties: properties.optional(), measurements: measurements.optional() };
const severity = z.enum(['Verbose', 'Information', 'Warning', 'Error', 'Critical']);

const bodies = {
  RequestData: z.strictObject({
    ...kept,
    id: spanId,
    name: text(1024),
    duration,
    success: z.boolean(),
    responseCode: text(1024),
    source: text(1024).optional(),
    url: text(2048).optional(),
  }),
  RemoteDependencyData: z.strictObject({
    ...kept,
    id: spanId.optional(),
    name: text(1024),
    duration,
    success: z.boolean(),
    resultCode: text(1024).optional(),
    data: text(8192).optional(),
    type: text(1024).optional(),
    target: text(1024).optional(),
  }),
  EventData: z.strictObject({ ...kept, name: text(512).min(1) }),
  MessageData: z.strictObject({ ...kept, message: text(32768).min(1), severityLevel: severity.optional() }),
  ExceptionData: z.strictObject({
    ...kept,
    severityLevel: severity.optional(),
    problemId: text(1024).optional(),
    exceptions: z
      .array(
        z.strictObject({
          id: z.int().optional(),
          typeName: text(1024).min(1),
          message: text(32768).min(1),
          hasFullStack: z.boolean().optional(),
          stack: text(32768).optional(),
          parsedStack: z.array(z.looseObject({})).optional(),
        }),
      )
      .min(1),
  }),
  MetricData: z.strictObject({
    ...kept,
    // One a metric: of more only the first is kept.
    metrics: z
      .array(
        z.strictObject({
          name: text(1024).min(1),
          kind: z.enum(['Aggregation', 'Measurement']).optional(),
          value: z.number(),
          count: z.int().positive().optional(),
          min: z.number().optional(),
          max: z.number().optional(),
          stdDev: z.number().optional(),
        }),
      )
      .length(1),
  }),
};

export type BaseType = keyof typeof bodies;

const tags = z.strictObject({
  'ai.cloud.role': text(256).optional(),
  'ai.cloud.roleInstance': text(256).optional(),
  'ai.internal.sdkVersion': text(64).optional(),
  'ai.operation.id': z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  'ai.operation.parentId': spanId.optional(),
  'ai.operation.name': text(1024).optional(),
  'ai.user.userAgent': text(2048).optional(),
});

/** Which name an envelope has that carries such data. */
const names: Readonly<Record<BaseType, string>> = {
  RequestData: 'Request',
  RemoteDependencyData: 'RemoteDependency',
  EventData: 'Event',
  MessageData: 'Message',
  ExceptionData: 'Exception',
  MetricData: 'Metric',
};

export const envelopeSchema = z.strictObject({
  ver: z.literal(1),
  name: z.string(),
  time: z.iso.datetime(),
  sampleRate: z.number().positive().max(100).optional(),
  iKey: z.guid(),
  tags,
  data: z.discriminatedUnion('baseType', [
    z.strictObject({ baseType: z.literal('RequestData'), baseData: bodies.RequestData }),
    z.strictObject({ baseType: z.literal('RemoteDependencyData'), baseData: bodies.RemoteDependencyData }),
    z.strictObject({ baseType: z.literal('EventData'), baseData: bodies.EventData }),
    z.strictObject({ baseType: z.literal('MessageData'), baseData: bodies.MessageData }),
    z.strictObject({ baseType: z.literal('ExceptionData'), baseData: bodies.ExceptionData }),
    z.strictObject({ baseType: z.literal('MetricData'), baseData: bodies.MetricData }),
  ]),
});

export type Envelope = z.output<typeof envelopeSchema>;

/** What is wrong with it, in words; undefined where it is taken. */
export function findProblem(given: unknown, instrumentationKey: string): string | undefined {
  const parsed = envelopeSchema.safeParse(given);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { name, iKey, data } = parsed.data;
  if (iKey !== instrumentationKey) return 'Invalid instrumentation key';
  const wanted = names[data.baseType];
  return new RegExp(`^Microsoft\\.ApplicationInsights\\.([0-9a-f]{32}\\.)?${wanted}$`).test(name)
    ? undefined
    : `${name} is no name of ${data.baseType}`;
}
