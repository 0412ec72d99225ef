// What the API tells consoles and other clients in browsers beside calls: agents, tools, tickets, who they are.
import { z } from 'zod';
import { voiceModelKinds } from './call/call.ts';

/** `globalThis.parley` in the page. */
export interface RuntimeConfig {
  readonly bridgeUrl: string;
  /** Where App Service signs people in; absent where it does not. */
  readonly signInUrl?: string;
  readonly signOutUrl?: string;
}

export const clientSchema = z
  .object({ name: z.string(), role: z.enum(['viewer', 'operator']) })
  .meta({ id: 'Client', description: 'Who asks, and what they may do.' });

export const agentListSchema = z
  .object({
    default_agent: z.string(),
    agents: z.array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        greeting: z.string().optional(),
        language: z.string(),
        languages: z.array(z.string()),
        models: z.array(z.enum(voiceModelKinds)),
        voices: z.partialRecord(z.enum(voiceModelKinds), z.string()),
        tools: z.array(z.string()),
        /** Whom a call may be handed to, by name: nobody is told a number. */
        transfer_targets: z.array(z.string()),
        instructions: z.string(),
      }),
    ),
  })
  .meta({ id: 'Agents' });
export type AgentList = z.output<typeof agentListSchema>;

export const toolListSchema = z
  .object({
    tools: z.array(
      z.object({
        type: z.literal('function'),
        name: z.string(),
        description: z.string(),
        parameters: z.record(z.string(), z.unknown()),
      }),
    ),
    tool_choice: z.literal('auto'),
  })
  .meta({ id: 'Tools', description: 'As a realtime session takes them.' });

/** How a number of measures lie: what half of them, nine of ten and so on are below. Absent: there was none. */
const percentiles = z.object({
  count: z.number().int(),
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
});
export type Percentiles = z.output<typeof percentiles>;

export const statisticsQuerySchema = z.object({
  /** Up to now. */
  hours: z.coerce.number().int().min(1).max(744).default(24),
});

export const statisticsSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    calls: z.number().int(),
    /** There were more calls than are counted: the newest are. */
    is_cut: z.boolean(),
    /** Of those that had a connection, in all. */
    talked_seconds: z.number(),
    by_hour: z.array(z.object({ hour: z.iso.datetime(), inbound: z.number().int(), outbound: z.number().int() })),
    by_reason: z.array(z.object({ reason: z.string(), calls: z.number().int() })),
    /** How long callers waited for an answer, in ms. */
    reply_ms: percentiles.optional(),
    reply_ms_by_model: z.array(z.object({ model: z.string(), reply_ms: percentiles })),
    turns: z.number().int(),
    barge_ins: z.number().int(),
    failovers: z.number().int(),
  })
  .meta({ id: 'Statistics' });
export type Statistics = z.output<typeof statisticsSchema>;

export const watchRequestSchema = z.object({
  /** One call; without it all of them. */
  call_id: z.string().max(64).optional(),
});

export const watchTicketSchema = z
  .object({
    ticket: z.string(),
    /** Offered behind `parley.ticket.` as a WebSocket protocol, beside `parley`. */
    protocols: z.array(z.string()),
    url: z.string(),
    expires_in_seconds: z.number(),
  })
  .meta({ id: 'WatchTicket' });

/** What the agent should know. */
const contextSchema = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= 16 * 1024, 'is more than 16 KiB');

export const talkRequestSchema = z.object({
  agent: z.string().min(1).max(64).optional(),
  model: z.enum(voiceModelKinds).optional(),
  context: contextSchema.optional(),
});

export const talkEndSchema = z
  .object({
    /** Those of the ticket. */
    protocols: z.array(z.string().max(8 * 1024)).max(8),
  })
  .meta({ id: 'TalkEnd' });

export const talkTicketSchema = z
  .object({ call_id: z.string(), url: z.string(), protocols: z.array(z.string()) })
  .meta({
    id: 'TalkTicket',
    description: 'A WebSocket of the bridge to talk by: PCM of 16 bits and 24 kHz both ways.',
  });
export type TalkTicket = z.output<typeof talkTicketSchema>;

export const sessionRequestSchema = z.looseObject({
  agent: z.string().min(1).max(64).optional(),
  /** The bridge is to join the session: it runs the tools, and the conversation is a call like any other. */
  attach: z.boolean().optional(),
  /** Of such a call. */
  context: contextSchema.optional(),
});

export const sessionSchema = z
  .object({
    session_id: z.string(),
    /** Good for one offer, within a minute. */
    ephemeral_key: z.string(),
    expires_at: z.iso.datetime(),
    webrtc_url: z.string(),
    deployment: z.string(),
    voice: z.string(),
    agent: z.string(),
    /**
     * Where the bridge is to attach. The service's name of the session, which comes with its answer to the offer, goes behind
     * `parley.webrtc.` as one more WebSocket protocol; without it the page talks by that socket.
     */
    talk: talkTicketSchema.optional(),
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof sessionSchema>;

export const functionCallSchema = z.object({
  name: z.string().min(1).max(64),
  /** The model's own name of it: comes back with the answer. */
  call_id: z.string().max(256),
  arguments: z.union([z.record(z.string(), z.unknown()), z.string().max(32_768)]).default({}),
  agent: z.string().min(1).max(64).optional(),
});

export const functionOutputSchema = z
  .object({ call_id: z.string(), output: z.unknown() })
  .meta({ id: 'FunctionOutput', description: 'What the tool gave, or `{error}` in words for the model.' });

export const keysRequestSchema = z.object({
  keys: z.string().regex(/^[0-9A-D*#]{1,32}$/, 'must be one to 32 of 0 to 9, A to D, * and #'),
});
