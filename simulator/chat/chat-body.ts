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

const responseFormat = z.strictObject({
  type: z.literal('json_schema'),
  json_schema: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    strict: z.literal(true),
    schema: z.record(z.string(), z.unknown()),
  }),
});

const body = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.literal(true).optional(),
  response_format: responseFormat.optional(),
  tools: z.array(tool).min(1).optional(),
  tool_choice: z.enum(['auto', 'none', 'required']).optional(),
  parallel_tool_calls: z.boolean().optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_completion_tokens: z.number().int().positive().optional(),
  max_tokens: z.number().int().positive().optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
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

/** Models that think before they answer take other parameters than those that do not. */
export type ModelFamily = 'classic' | 'reasoning';

export interface Unsupported {
  readonly param: string;
  readonly code: 'unsupported_parameter' | 'unsupported_value' | null;
  readonly message: string;
}

export function findUnsupported(body: ChatBody, family: ModelFamily): Unsupported | undefined {
  if (family === 'classic') {
    if (body.reasoning_effort === undefined) return undefined;
    const message = 'Unrecognized request argument supplied: reasoning_effort';
    return { param: 'reasoning_effort', code: null, message };
  }
  if (body.max_tokens !== undefined) {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    return { param: 'max_tokens', code: 'unsupported_parameter', message };
  }
  if (body.temperature !== undefined && body.temperature !== 1) {
    const message =
      `Unsupported value: 'temperature' does not support ${body.temperature} with this model. ` +
      'Only the default (1) value is supported.';
    return { param: 'temperature', code: 'unsupported_value', message };
  }
  return undefined;
}

/** An estimate: what is thought is paid for and counted like what is said, but it is not seen. */
const thinkingTokens = { none: 0, minimal: 0, low: 200, medium: 800, high: 3_000, xhigh: 8_000 };

/** How many tokens of the answer there is room for. */
export function findRoom(body: ChatBody, family: ModelFamily): number {
  const limit = body.max_completion_tokens ?? body.max_tokens ?? Number.POSITIVE_INFINITY;
  const thought = family === 'reasoning' ? thinkingTokens[body.reasoning_effort ?? 'medium'] : 0;
  return Math.max(0, limit - thought);
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
