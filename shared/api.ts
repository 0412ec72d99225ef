// The requests and answers of the HTTP API, as functions check them and the console reads them.
import { z } from 'zod';
import { callEndReasons, callPhases, carriers, phoneCarriers, voiceModelKinds } from './call/call.ts';
import { deliveryEvents } from './call/call-delivery.ts';
import { satisfactions } from './call/call-outcome.ts';
import { outcomeStatuses } from './call/outcome-progress.ts';
import { recordingStatuses } from './call/recording-progress.ts';
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
  carrier: z.enum(phoneCarriers).optional(),
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

export type CallRequest = z.output<typeof callRequestSchema>;

export const placedCallSchema = z.object({
  call_id: z.string(),
  status: z.string(),
  message: z.string(),
  number: z.string(),
  twilio_sid: z.string().optional(),
});
export type PlacedCall = z.output<typeof placedCallSchema>;

const timeText = z.iso
  .datetime({ offset: true, local: true, error: 'must be a time like 2026-05-01T09:00:00Z' })
  .or(z.iso.date())
  .transform((text) => Date.parse(text));

/** Of `GET /api/calls`: whatever is given has to fit. `from` is in, `to` is out; a date alone is its midnight in UTC. */
export const callQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(callPageLimit).default(25),
  next: z.string().max(2048).optional(),
  sort: z.enum(['created_at', 'phone_number', 'agent', 'model', 'length', 'end_reason']).default('created_at'),
  order: z.enum(['asc', 'desc']).default('desc'),
  from: timeText.optional(),
  to: timeText.optional(),
  agent: z.string().min(1).max(64).optional(),
  status: z.enum(callPhases).optional(),
  end_reason: z.enum(callEndReasons).optional(),
  outcome: z.enum(outcomeStatuses).optional(),
  satisfaction: z.enum(satisfactions).optional(),
  phone_number: phoneText.optional(),
  /** Somewhere in what was said, noted or summed up. */
  text: z.string().trim().min(2).max(200).optional(),
});
export type CallQueryInput = z.output<typeof callQuerySchema>;

const isoTime = z.iso.datetime();
export const callSummarySchema = z.object({
  call_id: z.string(),
  status: z.enum(callPhases),
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
  /** From the end of the call on. */
  outcome: z.enum(outcomeStatuses).optional(),
  satisfaction: z.enum(satisfactions).optional(),
  summary: z.string().optional(),
  recording: z.enum(recordingStatuses).optional(),
});
export type CallSummary = z.output<typeof callSummarySchema>;

export const callListSchema = z.object({
  calls: z.array(callSummarySchema),
  next: z.string().optional(),
  /** The store that could not be asked. Without `history` the calls of the last hour are listed, without `live` calls as they were kept last. */
  incomplete: z.enum(['history', 'live']).optional(),
});
export type ListedCallSummaries = z.output<typeof callListSchema>;

/** `turns`: places in the list of turns that say so, from 0. Null: the call does not tell. */
const finding = <Value extends z.ZodType>(value: Value) =>
  z.object({ value: value.nullable(), turns: z.array(z.number().int().nonnegative()) });

export const outcomeDetailSchema = z.object({
  status: z.enum(outcomeStatuses),
  attempts: z.number().int(),
  /** Why it failed. */
  code: z.string().optional(),
  summary: finding(z.string()).optional(),
  satisfaction: finding(z.enum(satisfactions)).optional(),
  next_action: finding(z.string()).optional(),
  fields: z.record(z.string(), finding(z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))).optional(),
});
export type OutcomeDetail = z.output<typeof outcomeDetailSchema>;

export const recordingDetailSchema = z.object({
  status: z.enum(recordingStatuses),
  started_at: isoTime.optional(),
  ended_at: isoTime.optional(),
  code: z.string().optional(),
  /** Audio of the caller (left) and the agent (right), for who has the key; a player may ask for ranges of it. */
  files: z.array(
    z.object({
      url: z.string(),
      bytes: z.number(),
      duration_ms: z.number().optional(),
      channels: z.number().optional(),
    }),
  ),
  /** Of both sides, for a drawing: see `peaksSchema`. */
  peaks_url: z.string().optional(),
  /** The carrier has no copy any more. */
  removed_at_carrier: z.boolean(),
});
export type RecordingDetail = z.output<typeof recordingDetailSchema>;

/** The lowest and the highest sample of each `interval_ms`, as signed bytes in turn (low, high, low, …), in base64. */
export const peaksSchema = z.object({
  interval_ms: z.number(),
  started_at: isoTime,
  caller: z.base64(),
  agent: z.base64(),
});
export type Peaks = z.output<typeof peaksSchema>;

export const deliverySchema = z.object({
  event: z.enum(deliveryEvents),
  attempt: z.number().int(),
  at: isoTime,
  took_ms: z.number(),
  status: z.number().int().optional(),
  delivered: z.boolean(),
  /** Absent where it was delivered or is given up. */
  next_at: isoTime.optional(),
});

export const forgetRequestSchema = z
  .object({ phone_number: phoneText.optional(), to: phoneText.optional() })
  .transform(({ phone_number, to }, refine) => {
    const number = phone_number ?? to;
    if (number !== undefined) return { number };
    refine.addIssue({ code: 'custom', path: ['phone_number'], message: 'is missing' });
    return z.NEVER;
  });

/** `done`: nothing of the caller is left, and it was looked for once more. */
export const forgettingSchema = z.object({
  request_id: z.string(),
  status: z.enum(['pending', 'done']),
  requested_at: isoTime,
  done_at: isoTime.optional(),
  removed: z.object({ calls: z.number().int(), files: z.number().int() }),
  /** What is waited for. */
  waiting_for: z.array(z.string()),
});
export type Forgetting = z.output<typeof forgettingSchema>;

export const callDetailSchema = callSummarySchema.omit({ outcome: true, recording: true }).extend({
  answered_by: z.enum(['person', 'machine', 'unknown']).optional(),
  transfer_target: z.string().optional(),
  /** Of the agent's file, as it was when the call began. */
  agent_version: z.string().optional(),
  context: z.record(z.string(), z.unknown()).optional(),
  turns: z.array(
    z.object({
      role: z.enum(['caller', 'agent']),
      text: z.string(),
      interrupted: z.boolean(),
      /** What the agent went on to say and the caller did not hear. */
      unheard: z.string().optional(),
      at: isoTime,
    }),
  ),
  notes: z.array(z.string()),
  /** An operator has seen to them. */
  notes_done_at: isoTime.optional(),
  /** To the agent's questions, by their names. */
  answers: z.record(z.string(), z.object({ answer: z.string(), score: z.int().optional(), at: isoTime })).optional(),
  callback: z.object({ due_at: isoTime, about: z.string() }).optional(),
  tools: z.array(z.object({ name: z.string(), ok: z.boolean(), took_ms: z.number(), at: isoTime })),
  outcome: outcomeDetailSchema.optional(),
  recording: recordingDetailSchema.optional(),
  deliveries: z.array(deliverySchema),
});
export type CallDetail = z.output<typeof callDetailSchema>;

/** `warm`: the person is called, told the `brief` and asked, while the caller holds the line. */
export const transferRequestSchema = z.object({
  target: z.string().min(1).max(64),
  handover: z.enum(['cold', 'warm']).default('cold'),
  /** Without it: what the caller said last. */
  brief: z.string().max(600).default(''),
});
export type TransferRequest = z.output<typeof transferRequestSchema>;
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
