// One answer of the chat model as it is being written: its text piece by piece, then the tools it calls.
import { APIConnectionError, APIError, type OpenAI } from 'openai';
import type { ChatCompletionChunk, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { AppError } from '../../../shared/errors.ts';
import type { ToolSchema } from '../../../shared/tools/tool.ts';
import type { ToolCall } from './conversation.ts';
import { limitTokens, type ReasoningEffort } from './reasoning.ts';

const service = 'the chat service';
/** The client's own retries included: a service that asks to come back in a minute is of no use on the phone. */
const answerTimeoutMs = 8_000;
const maxRetries = 2;
/** About two minutes of speech. */
const maxAnswerTokens = 800;
/** Real agents have a dozen tools and call two at a time. */
const maxToolCalls = 16;
const maxToolInputCharacters = 64_000;

export type ChatPiece = { type: 'text'; text: string } | { type: 'tool-calls'; calls: readonly ToolCall[] };

export interface ChatRequest {
  readonly client: OpenAI;
  readonly deployment: string;
  /** Undefined for a model that does not think. */
  readonly reasoningEffort?: ReasoningEffort | undefined;
  readonly messages: ChatCompletionMessageParam[];
  readonly tools: readonly ToolSchema[];
  readonly signal: AbortSignal;
}

/** The service refuses to look at the caller's words; the call goes on without them. */
export class ContentFilteredError extends Error {}

/** Ends quietly when `signal` aborts; throws AppErrors (MODEL_*) and ContentFilteredError. */
export async function* streamChat(request: ChatRequest): AsyncGenerator<ChatPiece, void, undefined> {
  const { signal } = request;
  const patience = new AbortController();
  let timer = setTimeout(() => patience.abort(), answerTimeoutMs);
  const calls = new Map<number, { id: string; name: string; input: string }>();
  let isEmpty = true;
  let isCutShort = false;
  try {
    const chunks = await openStream(request, AbortSignal.any([signal, patience.signal]));
    for await (const chunk of chunks) {
      clearTimeout(timer);
      timer = setTimeout(() => patience.abort(), answerTimeoutMs);
      // Azure begins with a chunk that has no choices, only what its content filter found in the prompt.
      const delta = chunk.choices[0]?.delta;
      isCutShort ||= chunk.choices[0]?.finish_reason === 'length';
      for (const part of delta?.tool_calls ?? []) addToolCallDelta(calls, part);
      if (!delta?.content || signal.aborted) continue;
      isEmpty = false;
      yield { type: 'text', text: delta.content };
    }
    if (signal.aborted) return;
    // The client ends the loop without an error when its signal aborts.
    if (patience.signal.aborted) throw tooSlow();
    if (calls.size > 0) yield { type: 'tool-calls', calls: [...calls.values()] };
    else if (isEmpty) {
      const why = isCutShort ? ': it thought until its limit (AZURE_OPENAI_CHAT_REASONING_EFFORT)' : '';
      throw new AppError('MODEL_PROTOCOL', `The chat model answered with neither text nor a tool call${why}.`);
    }
  } catch (error) {
    if (!signal.aborted) throw patience.signal.aborted ? tooSlow() : toAppError(error);
  } finally {
    clearTimeout(timer);
  }
}

function openStream({ client, deployment, reasoningEffort, messages, tools }: ChatRequest, signal: AbortSignal) {
  const functions = tools.map(({ name, description, parameters }) => ({
    type: 'function' as const,
    function: { name, description, parameters: { ...parameters } },
  }));
  return client.chat.completions.create(
    {
      model: deployment,
      messages,
      stream: true,
      max_completion_tokens: limitTokens(maxAnswerTokens, reasoningEffort),
      ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
      // An empty list is an error.
      ...(functions.length > 0 && { tools: functions }),
    },
    { signal, maxRetries },
  );
}

type ToolCallDelta = NonNullable<ChatCompletionChunk.Choice.Delta['tool_calls']>[number];

/** The first delta of a call has its id and name, the others more of its arguments. */
function addToolCallDelta(calls: Map<number, { id: string; name: string; input: string }>, part: ToolCallDelta): void {
  let call = calls.get(part.index);
  if (!call) {
    if (calls.size >= maxToolCalls)
      throw new AppError('MODEL_PROTOCOL', 'The chat model calls too many tools at once.');
    calls.set(part.index, (call = { id: '', name: '', input: '' }));
  }
  call.id ||= part.id ?? '';
  call.name += part.function?.name ?? '';
  call.input += part.function?.arguments ?? '';
  if (call.input.length > maxToolInputCharacters)
    throw new AppError('MODEL_PROTOCOL', 'The chat model writes a tool call without end.');
}

function tooSlow(): AppError {
  return new AppError('MODEL_UNAVAILABLE', `The chat model did not go on within ${answerTimeoutMs} ms.`);
}

function toAppError(cause: unknown): Error {
  if (cause instanceof AppError) return cause;
  if (cause instanceof APIConnectionError) return new AppError('MODEL_UNAVAILABLE', { service }, { cause });
  if (!(cause instanceof APIError) || cause.status === undefined)
    return new AppError('MODEL_UNAVAILABLE', 'The chat stream broke off.', { cause });
  if (cause.code === 'content_filter') return new ContentFilteredError('the content filter refused the prompt');
  switch (cause.status) {
    case 401:
    case 403:
      return new AppError('MODEL_REFUSED', { service }, { cause });
    case 404:
      return new AppError('MODEL_REFUSED', 'The chat service has no such deployment.', { cause });
    case 429:
      return new AppError('MODEL_THROTTLED', { service }, { cause });
    default:
      return new AppError('MODEL_UNAVAILABLE', `The chat service answered ${cause.status}.`, { cause });
  }
}
