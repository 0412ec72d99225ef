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

export const keysRequestSchema = z.object({
  keys: z.string().regex(/^[0-9A-D*#]{1,32}$/, 'must be one to 32 of 0 to 9, A to D, * and #'),
});
