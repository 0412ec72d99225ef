// Tests of the chat stream against a server that answers with literal server-sent events.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { OpenAI } from 'openai';
import { type ChatPiece, ContentFilteredError, streamChat } from './chat-stream.ts';

type Answer = { status: number; body: string; open?: boolean };

const event = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const filterResults = `data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n`;
const done = 'data: [DONE]\n\n';

describe('chat stream', () => {
  let answers: Answer[] = [];
  const bodies: string[] = [];
  const cut = Promise.withResolvers<void>();
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(body);
      const answer = answers.shift()!;
      response.writeHead(answer.status, {
        'content-type': answer.status === 200 ? 'text/event-stream' : 'application/json',
      });
      response.write(answer.body);
      if (!answer.open) response.end();
      response.on('close', () => cut.resolve());
    });
  });
  let client: OpenAI;
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/openai/v1/`, apiKey: 'key' });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function ask(
    signal = new AbortController().signal,
    onPiece?: (piece: ChatPiece) => void,
  ): Promise<ChatPiece[]> {
    const pieces: ChatPiece[] = [];
    const tools = [{ name: 'take_note', description: 'Takes a note.', parameters: { type: 'object' } }];
    const messages = [{ role: 'user' as const, content: 'Hi.' }];
    for await (const piece of streamChat({ client, deployment: 'gpt-4o', messages, tools, signal })) {
      pieces.push(piece);
      onPiece?.(piece);
    }
    return pieces;
  }

  it('asks a model that thinks to think as told, with room for it, and says so when it thought until its limit', async () => {
    answers = [
      { status: 200, body: filterResults + event({ role: 'assistant', content: '' }) + event({}, 'length') + done },
    ];
    const request = { client, deployment: 'gpt-5.4-mini', reasoningEffort: 'low', tools: [] } as const;
    const read = async () => {
      for await (const _ of streamChat({ ...request, messages: [], signal: new AbortController().signal })) break;
    };
    await assert.rejects(read(), { code: 'MODEL_PROTOCOL', message: /thought until its limit/ });
    const sent = JSON.parse(bodies.at(-1)!) as Record<string, unknown>;
    assert.equal(sent.reasoning_effort, 'low');
    assert.ok(Number(sent.max_completion_tokens) > 800);
  });

  it('yields text as it comes and sends the tools as functions', async () => {
    answers = [
      {
        status: 200,
        body:
          filterResults +
          event({ role: 'assistant', content: '' }) +
          event({ content: 'Hel' }) +
          event({ content: 'lo.' }) +
          event({}, 'stop') +
          done,
      },
    ];
    assert.deepEqual(await ask(), [
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo.' },
    ]);
    const sent = JSON.parse(bodies.at(-1)!) as { model: string; stream: boolean; tools: unknown };
    assert.equal(sent.model, 'gpt-4o');
    assert.ok(!('reasoning_effort' in sent));
    assert.equal(sent.stream, true);
    assert.deepEqual(sent.tools, [
      {
        type: 'function',
        function: { name: 'take_note', description: 'Takes a note.', parameters: { type: 'object' } },
      },
    ]);
  });

  it('puts tool calls together from deltas that are mixed', async () => {
    const call = (index: number, part: object) => event({ tool_calls: [{ index, ...part }] });
    answers = [
      {
        status: 200,
        body:
          call(0, { id: 'call_1', type: 'function', function: { name: 'take_note', arguments: '' } }) +
          call(1, { id: 'call_2', type: 'function', function: { name: 'hang_up', arguments: '{' } }) +
          call(0, { function: { arguments: '{"text":' } }) +
          call(1, { function: { arguments: '}' } }) +
          call(0, { function: { arguments: '"x"}' } }) +
          event({}, 'tool_calls') +
          done,
      },
    ];
    assert.deepEqual(await ask(), [
      {
        type: 'tool-calls',
        calls: [
          { id: 'call_1', name: 'take_note', input: '{"text":"x"}' },
          { id: 'call_2', name: 'hang_up', input: '{}' },
        ],
      },
    ]);
  });

  it('stops when asked to, without an error, and hangs up on the service', async () => {
    answers = [{ status: 200, body: event({ content: 'One' }), open: true }];
    const abort = new AbortController();
    assert.deepEqual(await ask(abort.signal, () => abort.abort()), [{ type: 'text', text: 'One' }]);
    await cut.promise;
  });

  it('tries again when the service is busy for a moment', async () => {
    answers = [
      { status: 500, body: '{}' },
      { status: 200, body: event({ content: 'Hello.' }) + done },
    ];
    assert.deepEqual(await ask(), [{ type: 'text', text: 'Hello.' }]);
  });

  const failures: [what: string, answer: Answer, code: string][] = [
    ['a refused key', { status: 401, body: '{"error":{"message":"no"}}' }, 'MODEL_REFUSED'],
    [
      'a deployment that is not there',
      { status: 404, body: '{"error":{"code":"DeploymentNotFound"}}' },
      'MODEL_REFUSED',
    ],
    ['an empty answer', { status: 200, body: event({}, 'stop') + done }, 'MODEL_PROTOCOL'],
    ['a body that is not JSON', { status: 200, body: 'data: {oops\n\n' }, 'MODEL_UNAVAILABLE'],
  ];
  for (const [what, answer, code] of failures) {
    it(`rejects ${what} with ${code}`, async () => {
      answers = [answer];
      await assert.rejects(ask(), { name: 'AppError', code });
    });
  }

  it('tells a filtered prompt from other errors', async () => {
    answers = [{ status: 400, body: '{"error":{"code":"content_filter","message":"filtered"}}' }];
    await assert.rejects(ask(), ContentFilteredError);
  });
});
