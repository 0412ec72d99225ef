// One answer of the chat model as it is being written: its text piece by piece, then how it ended and the tools it calls.
import { APIConnectionError, APIError, type OpenAI } from 'openai';
import type { ChatCompletionChunk, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { AppError } from '../../../shared/errors.ts';
import type { ToolSchema } from '../../../shared/tools/tool.ts';
import type { AnswerBudget, BudgetParameters } from './answer-budget.ts';
import { type AnswerEnding, readFinishReason } from './answer-ending.ts';
import type { ToolCall } from './conversation.ts';

const service = 'the chat service';
/**
 * The client's own retries included: a service that asks to come back in a minute is of no use on the phone. Whoever waits for the
 * reply asks again long before (`dead_air`); this bounds what an agent can be told to wait for.
 */
const firstChunkMs = 8_000;
/** A sentence of two or three seconds is being heard meanwhile. */
const nextChunkMs = 3_000;
const maxRetries = 2;
/** Real agents have a dozen tools and call two at a time. */
const maxToolCalls = 16;
const maxToolInputCharacters = 64_000;

/** `ended` comes once, last. After a good end its calls are whole; after another they may have been cut anywhere. */
export type ChatPiece =
  | { type: 'text'; text: string }
  | { type: 'ended'; ending: AnswerEnding; calls: readonly ToolCall[] };

export interface ChatRequest {
  readonly client: OpenAI;
  readonly deployment: string;
  readonly budget: AnswerBudget;
  readonly messages: ChatCompletionMessageParam[];
  readonly tools: readonly ToolSchema[];
  readonly signal: AbortSignal;
}

/** The service refuses to look at the caller's words; the call goes on without them. */
export class ContentFilteredError extends Error {}

/** Ends quietly when `signal` aborts; throws AppErrors (MODEL_*) and ContentFilteredError where no answer begins. */
export async function* streamChat(request: ChatRequest): AsyncGenerator<ChatPiece, void, undefined> {
  const { signal } = request;
  const patience = new AbortController();
  let timer = setTimeout(() => patience.abort(), firstChunkMs);
  const calls = new Map<number, { id: string; name: string; input: string }>();
  let hasBegun = false;
  let hasText = false;
  let ending: AnswerEnding = 'broken';
  try {
    const chunks = await openStream(request, AbortSignal.any([signal, patience.signal]));
    for await (const chunk of chunks) {
      hasBegun = true;
      clearTimeout(timer);
      timer = setTimeout(() => patience.abort(), nextChunkMs);
      // Azure begins with a chunk that has no choices, only what its content filter found in the prompt.
      const choice = chunk.choices[0];
      ending = readFinishReason(choice?.finish_reason) ?? ending;
      for (const part of choice?.delta?.tool_calls ?? []) addToolCallDelta(calls, part);
      if (!choice?.delta?.content || signal.aborted) continue;
      hasText = true;
      yield { type: 'text', text: choice.delta.content };
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!patience.signal.aborted && !(hasBegun && isLostStream(error))) throw toAppError(error);
  } finally {
    clearTimeout(timer);
  }
  if (signal.aborted) return;
  // The client ends the loop without an error when its signal aborts.
  if (patience.signal.aborted && ending === 'broken') ending = 'stalled';
  if (ending === 'length' && !hasText) request.budget.usedUpByThoughts();
  yield { type: 'ended', ending, calls: [...calls.values()] };
}

/** Refusals of a wish that not every model knows are overcome here. */
async function openStream(request: ChatRequest, signal: AbortSignal) {
  for (;;) {
    const { parameters } = request.budget;
    try {
      return await create(request, parameters, signal);
    } catch (error) {
      const isRefused = error instanceof APIError && error.status === 400 && error.param === 'reasoning_effort';
      if (!isRefused || !request.budget.refuse(parameters.reasoning_effort)) throw error;
    }
  }
}

function create(
  { client, deployment, messages, tools }: ChatRequest,
  { max_completion_tokens, reasoning_effort }: BudgetParameters,
  signal: AbortSignal,
) {
  const functions = tools.map(({ name, description, parameters }) => ({
    type: 'function' as const,
    function: { name, description, parameters: { ...parameters } },
  }));
  return client.chat.completions.create(
    {
      model: deployment,
      messages,
      stream: true,
      max_completion_tokens,
      ...(reasoning_effort && { reasoning_effort }),
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

/** Not what the service says, nor what we say of it. */
function isLostStream(error: unknown): boolean {
  return !(error instanceof AppError) && (!(error instanceof APIError) || error instanceof APIConnectionError);
}

/** The words of the service go no further: they may repeat those of the caller. */
function toAppError(cause: unknown): Error {
  if (cause instanceof AppError) return cause;
  if (cause instanceof APIConnectionError) return new AppError('MODEL_UNAVAILABLE', { service }, { cause });
  if (!(cause instanceof APIError)) return new AppError('MODEL_UNAVAILABLE', 'The chat stream broke off.', { cause });
  if (cause.code === 'content_filter') return new ContentFilteredError('the content filter refused the prompt');
  switch (cause.status) {
    case 401:
    case 403:
      return new AppError('MODEL_REFUSED', { service });
    case 404:
      return new AppError('MODEL_REFUSED', 'The chat service has no such deployment.');
    case 429:
      return new AppError('MODEL_THROTTLED', { service });
    default:
      return new AppError(
        'MODEL_UNAVAILABLE',
        `The chat service answered ${cause.status ?? 'an error'}${nameOf(cause)}.`,
      );
  }
}

/** Which of its errors: names hold nothing of the conversation. */
function nameOf({ code, param }: APIError): string {
  const names = [code, param].filter((name) => typeof name === 'string' && /^[\w.[\]-]{1,64}$/.test(name));
  return names.length > 0 ? ` (${names.join(', ')})` : '';
}
