// What a request for chat completions may hold: the part of the API that Parley uses, and not a key more.
import { z } from 'zod';

const toolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().min(1), arguments: z.string() }),
});

const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.string().min(1) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string().nullable(),
    tool_calls: z.array(toolCall).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), tool_call_id: z.string(), content: z.string() }),
]);

const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal('object') }).optional(),
  }),
});

const body = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.literal(true),
  tools: z.array(tool).min(1).optional(),
  tool_choice: z.enum(['auto', 'none', 'required']).optional(),
  parallel_tool_calls: z.boolean().optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_completion_tokens: z.number().int().positive().optional(),
});

export type ChatMessage = z.output<typeof message>;
export type ChatBody = z.output<typeof body>;

/** The body, or what is wrong with it. */
export function parseChatBody(text: string): ChatBody | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'We could not parse the JSON body of your request.';
  }
  const parsed = body.safeParse(json);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
}

/** Each tool call has to be answered right behind the message it stands in, and nothing else may be. */
export function findBrokenToolRound(messages: readonly ChatMessage[]): string | undefined {
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id))
        return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      continue;
    }
    if (open.size > 0) break;
    if (message.role === 'assistant') for (const { id } of message.tool_calls ?? []) open.add(id);
  }
  if (open.size === 0) return undefined;
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${[...open].join(', ')}`;
}
