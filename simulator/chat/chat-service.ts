// A stand-in for Azure OpenAI chat completions: checks what it is sent, and streams what the shared brain answers.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Brain, BrainAnswer } from './brain.ts';
import {
  type ChatBody,
  type ChatMessage,
  findBrokenToolRound,
  findRoom,
  findUnsupported,
  type ModelFamily,
  parseChatBody,
} from './chat-body.ts';
import { type ChatFault, type ChatFaults, createChatFaults } from './chat-faults.ts';
import { judgeTranscript } from './judge.ts';
import { findSchemaFault } from './strict-schema.ts';

const maxBodyBytes = 1_048_576;

export interface ChatServiceOptions {
  readonly key: string;
  readonly deployment: string;
  /** Of the model behind the deployment; by its name if left out. */
  readonly family?: ModelFamily;
  readonly brain: Brain;
  readonly port?: number;
  readonly firstTokenMs?: number;
  readonly tokenMs?: number;
}

export interface ChatService {
  /** http://127.0.0.1:<port>, without a path. */
  readonly url: string;
  readonly requests: readonly ChatBody[];
  /** What was asked so far. */
  forget(): void;
  /** Turn its switches at any time. */
  readonly faults: ChatFaults;
  stop(): Promise<void>;
}

class ChatRefusal extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly param: string | null;

  constructor(status: number, code: string | null, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

export async function startChat(options: ChatServiceOptions): Promise<ChatService> {
  const { brain, deployment, tokenMs = 10 } = options;
  const family = options.family ?? (/^(gpt-5|o\d)/.test(deployment) ? 'reasoning' : 'classic');
  const faults = createChatFaults();
  const requests: ChatBody[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request, options, family);
    const fault = faults.next.shift();
    if (fault?.kind === 'status') {
      const { status, code = String(status) } = fault;
      throw new ChatRefusal(status, code, 'told to fail');
    }
    requests.push(body);
    if (!body.stream) return answerWhole(body, fault, response);
    const { deltas, ending } = cutShort(formatDeltas(think(brain, body)), findRoom(body, family), fault);
    await wait(faults.firstTokenMs ?? options.firstTokenMs ?? 150);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const chunk = (fields: object) => response.write(`data: ${faults.alter(JSON.stringify(fields))}\n\n`);
    chunk({ id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    const frame = { id: `chatcmpl-${randomUUID()}`, object: 'chat.completion.chunk', created: 1_790_000_000 };
    for (const [delta, finish_reason] of deltas) {
      if (response.destroyed) return;
      chunk({ ...frame, model: deployment, choices: [{ index: 0, delta, finish_reason, logprobs: null }] });
      await wait(tokenMs);
    }
    if (ending === 'broken') response.destroy();
    else if (ending === 'whole') response.end('data: [DONE]\n\n');
  };

  /** In one piece, as a schema wants it. What was answered is paid for, however it ended. */
  const answerWhole = async (body: ChatBody, fault: ChatFault | undefined, response: ServerResponse): Promise<void> => {
    await wait(faults.firstTokenMs ?? options.firstTokenMs ?? 150);
    if (fault?.kind === 'stalled') return;
    if (fault?.kind === 'broken') {
      response.destroy();
      return;
    }
    const format = body.response_format;
    const said = body.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const whole = format ? JSON.stringify(judgeTranscript(format.json_schema.schema, said)) : '';
    const content = fault?.kind === 'content' ? fault.content : fault?.kind === 'empty' ? '' : whole;
    const isCut = fault?.kind === 'length' || fault?.kind === 'content_filter';
    const choice = {
      index: 0,
      finish_reason: isCut ? fault.kind : 'stop',
      logprobs: null,
      message: { role: 'assistant', content: isCut ? content.slice(0, 20) : content, refusal: null },
    };
    const frame = { id: `chatcmpl-${randomUUID()}`, object: 'chat.completion', created: 1_790_000_000 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(faults.alter(JSON.stringify({ ...frame, model: deployment, choices: [choice] })));
  };

  const server = createServer((request, response) => {
    response.on('error', () => {});
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || !(error instanceof ChatRefusal)) return response.destroy();
      const { status, code, message, param } = error;
      const headers = { 'content-type': 'application/json', ...(status === 429 && { 'retry-after-ms': '20' }) };
      return response.writeHead(status, headers).end(JSON.stringify({ error: { code, message, type: null, param } }));
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    faults,
    forget: () => void requests.splice(0),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(
  request: IncomingMessage,
  { key, deployment }: ChatServiceOptions,
  family: ModelFamily,
): Promise<ChatBody> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const classic = /^\/openai\/deployments\/([^/]+)\/chat\/completions$/.exec(pathname)?.[1];
  if (request.method !== 'POST' || (classic === undefined && pathname !== '/openai/v1/chat/completions'))
    throw new ChatRefusal(404, '404', 'Resource not found');
  if (classic !== undefined && !searchParams.has('api-version'))
    throw new ChatRefusal(404, '404', 'Resource not found: there is no api-version');
  if (request.headers['api-key'] !== key && request.headers.authorization !== `Bearer ${key}`)
    throw new ChatRefusal(401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if ((bytes += chunk.length) > maxBodyBytes) throw new ChatRefusal(413, '413', 'Request body too large');
    chunks.push(chunk);
  }
  const body = parseChatBody(Buffer.concat(chunks).toString());
  if (typeof body === 'string') throw new ChatRefusal(400, 'invalid_request_error', body);
  if ((classic ?? body.model) !== deployment)
    throw new ChatRefusal(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
  const unsupported = findUnsupported(body, family);
  if (unsupported) throw new ChatRefusal(400, unsupported.code, unsupported.message, unsupported.param);
  const { name, schema } = body.response_format?.json_schema ?? {};
  const fault = schema && findSchemaFault(schema);
  if (fault) {
    const message = `Invalid schema for response_format '${name}': ${fault}`;
    throw new ChatRefusal(400, null, message, 'response_format');
  }
  const broken = findBrokenToolRound(body.messages);
  if (broken) throw new ChatRefusal(400, 'invalid_request_error', broken);
  return body;
}

/** The last message decides: what the caller said, what a tool answered, or what we are told to say. */
function think(brain: Brain, { messages, tools = [] }: ChatBody): BrainAnswer {
  const last = messages.at(-1)!;
  const names = tools.map((tool) => tool.function.name);
  const said = messages.findLast((message) => message.role === 'user')?.content;
  const answer = brain.answer(said, names);
  if (last.role === 'system' && messages.length > 1) {
    if (/\banswer the caller\b/i.test(last.content)) return answer;
    const rest = findRest(answer, messages.at(-2)!);
    return { kind: 'say', text: rest ?? brain.follow(last.content) };
  }
  if (last.role !== 'tool') return answer;
  if (answer.kind === 'call') return { kind: 'say', text: brain.report(answer.report, last.content) };
  return { kind: 'say', text: 'Done.' };
}

/** Told to speak while an answer to the caller is only begun, it goes on with that. */
function findRest(answer: BrainAnswer, { role, content }: ChatMessage): string | undefined {
  if (role !== 'assistant' || content === null || answer.kind !== 'say') return undefined;
  const begun = content.trim();
  return answer.text !== begun && answer.text.startsWith(begun) ? answer.text.slice(begun.length).trim() : undefined;
}

type Delta = readonly [delta: object, finishReason: string | null];

/** A token is a word, or ten characters of a tool's arguments. */
function formatDeltas(answer: BrainAnswer): Delta[] {
  const text = answer.kind === 'say' ? answer.text : answer.says;
  const words = (text.match(/\s*\S+/g) ?? []).map((content): Delta => [{ content }, null]);
  if (answer.kind === 'say') return [[{ role: 'assistant', content: '' }, null], ...words, [{}, 'stop']];
  const call = (fields: object): Delta => [{ tool_calls: [{ index: 0, ...fields }] }, null];
  const id = `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
  const pieces = answer.arguments.match(/.{1,10}/gs) ?? [];
  return [
    [{ role: 'assistant', content: null }, null],
    ...words,
    call({ id, type: 'function', function: { name: answer.name, arguments: '' } }),
    ...pieces.map((piece) => call({ function: { arguments: piece } })),
    [{}, 'tool_calls'],
  ];
}

/** The first delta is none of the tokens: it names the role. */
function cutShort(
  whole: readonly Delta[],
  room: number,
  fault: ChatFault | undefined,
): { readonly deltas: readonly Delta[]; readonly ending: 'whole' | 'broken' | 'stalled' } {
  const upTo = (tokens: number) => whole.slice(0, -1).slice(0, tokens + 1);
  switch (fault?.kind) {
    case 'broken':
    case 'stalled':
      return { deltas: upTo(fault.afterTokens), ending: fault.kind };
    case 'length':
    case 'content_filter':
      return { deltas: [...upTo(fault.afterTokens), [{}, fault.kind]], ending: 'whole' };
    case 'empty':
      return { deltas: [...upTo(0), [{}, 'stop']], ending: 'whole' };
    default:
      if (whole.length - 2 <= room) return { deltas: whole, ending: 'whole' };
      return { deltas: [...upTo(room), [{}, 'length']], ending: 'whole' };
  }
}
