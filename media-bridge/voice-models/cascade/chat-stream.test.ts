// Tests of the chat stream against a server that answers with literal server-sent events.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { OpenAI } from 'openai';
import { AnswerBudget } from './answer-budget.ts';
import { type ChatPiece, ContentFilteredError, streamChat } from './chat-stream.ts';

type Answer = { status: number; body: string; open?: boolean; breaks?: boolean };

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
      if (answer.breaks) setImmediate(() => response.destroy());
      else if (!answer.open) response.end();
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

  let budget = new AnswerBudget(undefined);

  async function ask(
    signal = new AbortController().signal,
    onPiece?: (piece: ChatPiece) => void,
  ): Promise<ChatPiece[]> {
    const pieces: ChatPiece[] = [];
    const tools = [{ name: 'take_note', description: 'Takes a note.', parameters: { type: 'object' } }];
    const messages = [{ role: 'user' as const, content: 'Hi.' }];
    for await (const piece of streamChat({ client, deployment: 'gpt-4o', budget, messages, tools, signal })) {
      pieces.push(piece);
      onPiece?.(piece);
    }
    return pieces;
  }

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
      { type: 'ended', ending: 'stop', calls: [] },
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
        type: 'ended',
        ending: 'tool_calls',
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
      { status: 200, body: event({ content: 'Hello.' }, 'stop') + done },
    ];
    assert.deepEqual(await ask(), [
      { type: 'text', text: 'Hello.' },
      { type: 'ended', ending: 'stop', calls: [] },
    ]);
  });

  const failures: [what: string, answer: Answer, code: string][] = [
    ['a refused key', { status: 401, body: '{"error":{"message":"no"}}' }, 'MODEL_REFUSED'],
    [
      'a deployment that is not there',
      { status: 404, body: '{"error":{"code":"DeploymentNotFound"}}' },
      'MODEL_REFUSED',
    ],
    ['a service that does not know a parameter', { status: 400, body: '{"error":{"param":"x"}}' }, 'MODEL_UNAVAILABLE'],
    ['a body that is not JSON', { status: 200, body: 'data: {oops\n\n' }, 'MODEL_UNAVAILABLE'],
  ];
  for (const [what, answer, code] of failures) {
    it(`rejects ${what} with ${code}`, async () => {
      answers = [answer];
      await assert.rejects(ask(), { name: 'AppError', code });
    });
  }

  const endings: [what: string, body: string, ending: string][] = [
    ['an answer cut for its length', event({ content: 'We' }) + event({}, 'length') + done, 'length'],
    ['an answer that was filtered', event({ content: 'We' }) + event({}, 'content_filter') + done, 'content_filter'],
    ['an empty answer', event({}, 'stop') + done, 'stop'],
    ['a stream without an end', event({ content: 'We' }), 'broken'],
  ];
  for (const [what, body, ending] of endings) {
    it(`tells of ${what}: ${ending}`, async () => {
      answers = [{ status: 200, body }];
      assert.deepEqual((await ask()).at(-1), { type: 'ended', ending, calls: [] });
    });
  }

  it('tells of a connection that breaks in mid-answer, and not of what it was', async () => {
    answers = [{ status: 200, body: event({ content: 'We' }), breaks: true }];
    assert.deepEqual(await ask(), [
      { type: 'text', text: 'We' },
      { type: 'ended', ending: 'broken', calls: [] },
    ]);
  });

  it('wishes for as little thought as the model can do with', async () => {
    budget = new AnswerBudget('none');
    const refusal = '{"error":{"param":"reasoning_effort","code":"unsupported_value","message":"no"}}';
    const thoughts = event({}, 'length') + done;
    answers = [
      { status: 400, body: refusal },
      { status: 200, body: thoughts },
    ];
    await ask();
    const sent = bodies.slice(-2).map((body) => JSON.parse(body) as { reasoning_effort?: string });
    assert.deepEqual(
      sent.map(({ reasoning_effort }) => reasoning_effort),
      ['none', 'minimal'],
    );
    budget = new AnswerBudget(undefined);
    const before = budget.parameters.max_completion_tokens;
    answers = [{ status: 200, body: thoughts }];
    await ask();
    assert.ok(budget.parameters.max_completion_tokens > before, 'it thinks after all');
  });

  it('keeps the words of the service to itself: they may repeat those of the caller', async () => {
    answers = [{ status: 400, body: '{"error":{"code":"bad_thing","message":"you said: my number is 5550199"}}' }];
    const error = (await ask().catch((error: unknown) => error)) as Error;
    assert.match(error.message, /400 \(bad_thing\)/);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /5550199/);
  });

  it('tells a filtered prompt from other errors', async () => {
    answers = [{ status: 400, body: '{"error":{"code":"content_filter","message":"filtered"}}' }];
    await assert.rejects(ask(), ContentFilteredError);
  });
});
