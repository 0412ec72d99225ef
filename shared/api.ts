// The requests and answers of the HTTP API, as functions check them and the console reads them.
import { z } from 'zod';
import { callEndReasons, carriers, voiceModelKinds } from './call/call.ts';
import { isNestedWithin } from './nesting.ts';

/** What is told to the agent goes through the call's events and into the model's instructions: both have their limits. */
export const contextLimitBytes = 16 * 1024;
/** Cosmos DB keeps 128 levels, and whoever walks through a value without a bound runs out of stack. */
export const contextLimitLevels = 32;
export const callPageLimit = 100;

const phoneText = z.string().trim().min(1).max(128);
const context = z
  .record(z.string(), z.unknown())
  .refine((value) => isNestedWithin(value, contextLimitLevels), {
    error: `has more than ${contextLimitLevels} levels`,
    abort: true,
  })
  .refine((value) => JSON.stringify(value).length <= contextLimitBytes, `is more than ${contextLimitBytes} bytes`);

const dialFields = {
  to: phoneText.optional(),
  /** Aliases of `to`. */
  number: phoneText.optional(),
  phone_number: phoneText.optional(),
  agent: z.string().min(1).max(64).optional(),
  carrier: z.enum(carriers).optional(),
  model: z.enum(voiceModelKinds).optional(),
  /** Alias of `model`. */
  backend: z.enum(voiceModelKinds).optional(),
  /** The same key asks for the same call: it is dialled once. */
  idempotency_key: z.string().min(1).max(256).optional(),
};

type DialFields = z.output<z.ZodObject<typeof dialFields>>;

function readDial(fields: DialFields, given: z.output<typeof context> | undefined, refine: z.RefinementCtx) {
  const to = fields.to ?? fields.number ?? fields.phone_number;
  if (to === undefined) {
    refine.addIssue({ code: 'custom', path: ['to'], message: 'is missing' });
    return z.NEVER;
  }
  const { agent, carrier, model, backend, idempotency_key } = fields;
  return { to, agent, carrier, model: model ?? backend, context: given, idempotencyKey: idempotency_key };
}

export const callRequestSchema = z
  .object({ ...dialFields, context: context.optional() })
  .transform(({ context, ...fields }, refine) => readDial(fields, context, refine));

/** Candidate screening: whatever is not about the dialling is for the agent to know. */
export const screeningRequestSchema = z.looseObject(dialFields).transform((body, refine) => {
  const known = new Set(Object.keys(dialFields));
  const extra = Object.fromEntries(Object.entries(body).filter(([name]) => !known.has(name)));
  const parsed = context.safeParse(extra);
  if (!parsed.success) {
    refine.addIssue({ code: 'custom', path: [], message: parsed.error.issues[0]!.message });
    return z.NEVER;
  }
  return readDial(body, Object.keys(extra).length > 0 ? parsed.data : undefined, refine);
});

export type DialOrder = z.output<typeof callRequestSchema>;

export const placedCallSchema = z.object({
  call_id: z.string(),
  status: z.string(),
  message: z.string(),
  number: z.string(),
  twilio_sid: z.string().optional(),
});
export type PlacedCall = z.output<typeof placedCallSchema>;

const isoTime = z.iso.datetime();
export const callSummarySchema = z.object({
  call_id: z.string(),
  status: z.enum(['dialling', 'ringing', 'active', 'transferring', 'ended']),
  direction: z.enum(['inbound', 'outbound']).optional(),
  phone_number: z.string().optional(),
  line: z.string().optional(),
  carrier: z.enum(carriers).optional(),
  agent: z.string().optional(),
  model: z.enum(voiceModelKinds).optional(),
  created_at: isoTime.optional(),
  connected_at: isoTime.optional(),
  ended_at: isoTime.optional(),
  end_reason: z.enum(callEndReasons).optional(),
  end_code: z.string().optional(),
});
export type CallSummary = z.output<typeof callSummarySchema>;

export const callListSchema = z.object({
  calls: z.array(callSummarySchema),
  next: z.string().optional(),
  /** The store that could not be asked. Without `history` the calls of the last hour are listed, without `live` calls as they were kept last. */
  incomplete: z.enum(['history', 'live']).optional(),
});
export type ListedCallSummaries = z.output<typeof callListSchema>;

export const callDetailSchema = callSummarySchema.extend({
  answered_by: z.enum(['person', 'machine', 'unknown']).optional(),
  transfer_target: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  turns: z.array(
    z.object({ role: z.enum(['caller', 'agent']), text: z.string(), interrupted: z.boolean(), at: isoTime }),
  ),
  notes: z.array(z.string()),
});
export type CallDetail = z.output<typeof callDetailSchema>;

export const transferRequestSchema = z.object({ target: z.string().min(1).max(64) });
/** The carrier was asked; what becomes of it is told by the call's events. */
export const acceptedSchema = z.object({ call_id: z.string(), status: z.string() });
export const sourceNumberSchema = z.object({ phoneNumber: z.string() });

const dependency = z.enum(['ok', 'down']);
const storeReport = {
  checks: z.object({ stream: dependency, leases: dependency, history: dependency }),
  /** What is wrong with those that are down, failed writes too, as far as it is known. */
  problems: z.array(z.string()),
  /** Events that no store has yet, and calls that the history lacks something of. */
  backlog: z.object({ events: z.number(), calls: z.number() }),
};
export const healthSchema = z.object({ status: dependency, ...storeReport });
/** Of a bridge: it serves calls whatever the stores do. */
export const bridgeHealthSchema = z.object({ status: z.enum(['ok', 'degraded']), calls: z.number(), ...storeReport });
export type BridgeHealth = z.output<typeof bridgeHealthSchema>;
export type Health = z.output<typeof healthSchema>;

export const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
