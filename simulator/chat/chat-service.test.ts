// Tests of the chat stand-in: what it refuses, and how it streams.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openBrain } from './brain.ts';
import { type ChatService, startChat } from './chat-service.ts';

describe('chat service', () => {
  let chat: ChatService;
  before(async () => {
    const tool = { name: 'current_time', arguments: { zone: 'UTC' }, report: 'It is {output.time}.' };
    const rules = { phrases: [{ heard: 'What time is it?', tool }], otherwise: 'Pardon?' };
    const brain = await openBrain(rules, async () => new Int16Array(0));
    chat = await startChat({ key: 'key', deployment: 'gpt-4o', brain, firstTokenMs: 0, tokenMs: 0 });
  });
  after(() => chat.stop());

  const user = { role: 'user', content: 'What time is it?' };
  const tools = [{ type: 'function', function: { name: 'current_time', parameters: { type: 'object' } } }];
  const call = { id: 'call_1', type: 'function', function: { name: 'current_time', arguments: '{}' } };
  const calling = { role: 'assistant', content: null, tool_calls: [call] };

  async function post(
    body: unknown,
    path = '/openai/v1/chat/completions',
    headers: Record<string, string> = { 'api-key': 'key' },
  ) {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(chat.url + path, { method: 'POST', headers, body: text });
    return { status: response.status, text: await response.text() };
  }
  const ask = (messages: object[], more: object = {}) => ({ model: 'gpt-4o', stream: true, messages, ...more });

  function deltas(text: string): { content?: string; tool_calls?: { function: { arguments: string } }[] }[] {
    const events = text.split('\n\n').filter((event) => event !== '');
    assert.equal(events.pop(), 'data: [DONE]');
    return events.flatMap((event) =>
      JSON.parse(event.slice('data: '.length)).choices.map((choice: { delta: object }) => choice.delta),
    );
  }

  it('streams words', async () => {
    const { text } = await post(ask([{ role: 'user', content: 'Bananas?' }]));
    assert.equal(
      deltas(text)
        .map((delta) => delta.content ?? '')
        .join(''),
      'Pardon?',
    );
  });

  it('streams a tool call, and speaks of its result', async () => {
    const { text } = await post(
      ask([user], { tools }),
      '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    );
    const input = deltas(text).map((delta) => delta.tool_calls?.[0]?.function.arguments ?? '');
    assert.equal(input.join(''), '{"zone":"UTC"}');
    const result = { role: 'tool', tool_call_id: 'call_1', content: '{"time":"noon"}' };
    const answer = await post(ask([user, calling, result], { tools }));
    assert.equal(
      deltas(answer.text)
        .map((delta) => delta.content ?? '')
        .join(''),
      'It is noon.',
    );
  });

  it('says what it is told to say', async () => {
    const { text } = await post(ask([user, { role: 'system', content: 'Say exactly: Good morning.' }]));
    assert.equal(
      deltas(text)
        .map((delta) => delta.content ?? '')
        .join(''),
      'Good morning.',
    );
  });

  const good = ask([user]);
  const refusals: [what: string, request: Parameters<typeof post>, status: number][] = [
    ['a wrong key', [good, undefined, { 'api-key': 'no' }], 401],
    ['another path', [good, '/v1/chat/completions'], 404],
    ['the classic path without its api-version', [good, '/openai/deployments/gpt-4o/chat/completions'], 404],
    ['another deployment', [{ ...good, model: 'gpt-3' }], 404],
    ['what is not JSON', ['{'], 400],
    ['an answer that is not streamed', [{ ...good, stream: false }], 400],
    ['an unknown key', [{ ...good, wow: 1 }], 400],
    ['an empty list of tools', [{ ...good, tools: [] }], 400],
    ['tool calls without results', [ask([user, calling, user])], 400],
    ['a result that nobody asked for', [ask([user, { role: 'tool', tool_call_id: 'call_9', content: '' }])], 400],
  ];
  for (const [what, request, status] of refusals) {
    it(`refuses ${what} with ${status}`, async () => assert.equal((await post(...request)).status, status));
  }

  it('fails as often as it is told to, and then works', async () => {
    chat.faults.next.push({ kind: 'status', status: 429 }, { kind: 'status', status: 503 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await post(good)).status);
    assert.deepEqual(statuses, [429, 503, 200]);
  });

  it('breaks off in the middle when told to', async () => {
    chat.faults.next.push({ kind: 'broken', afterTokens: 0 });
    await assert.rejects(post(good));
  });

  const long = ask([
    { role: 'system', content: 'Be brief.' },
    { role: 'system', content: 'Say exactly: One two three four.' },
  ]);
  /** The words, and how the answer ended. */
  function read(text: string): [words: string, finishReason: string | null] {
    const choices = text
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
      .flatMap((event) => JSON.parse(event.slice('data: '.length)).choices);
    return [choices.map(({ delta }) => delta.content ?? '').join(''), choices.at(-1)?.finish_reason];
  }

  for (const [kind, words] of [
    ['length', 'One two'],
    ['content_filter', 'One two'],
    ['empty', ''],
  ] as const) {
    it(`ends an answer as told: ${kind}`, async () => {
      chat.faults.next.push(kind === 'empty' ? { kind } : { kind, afterTokens: 2 });
      assert.deepEqual(read((await post(long)).text), [words, kind === 'empty' ? 'stop' : kind]);
      assert.deepEqual(read((await post(long)).text), ['One two three four.', 'stop']);
    });
  }

  it('stalls in the middle when told to, and keeps the connection', async () => {
    chat.faults.next.push({ kind: 'stalled', afterTokens: 2 });
    const signal = AbortSignal.timeout(200);
    const body = JSON.stringify(long);
    const response = await fetch(`${chat.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { 'api-key': 'key' },
      body,
      signal,
    });
    let text = '';
    await assert.rejects(
      (async () => {
        for await (const chunk of response.body!) text += Buffer.from(chunk).toString();
      })(),
      { name: 'TimeoutError' },
    );
    assert.deepEqual(read(text), ['One two', null]);
  });

  it('cuts an answer where there is no more room for it', async () => {
    assert.deepEqual(read((await post({ ...long, max_tokens: 3 })).text), ['One two three', 'length']);
  });

  it('refuses a model that does not think a way to think', async () => {
    const { status, text } = await post({ ...good, reasoning_effort: 'low' });
    assert.deepEqual([status, JSON.parse(text).error.param], [400, 'reasoning_effort']);
  });

  describe('with a model that thinks', () => {
    let thinker: ChatService;
    before(async () => {
      const brain = await openBrain({ phrases: [], otherwise: 'One two three four.' }, async () => new Int16Array(0));
      thinker = await startChat({ key: 'key', deployment: 'gpt-5-mini', brain, firstTokenMs: 0, tokenMs: 0 });
    });
    after(() => thinker.stop());
    const think = async (more: object) => {
      const body = { model: 'gpt-5-mini', stream: true, messages: [{ role: 'user', content: 'Count.' }], ...more };
      const headers = { 'api-key': 'key' };
      const response = await fetch(`${thinker.url}/openai/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, text: await response.text() };
    };

    for (const [param, value, code] of [
      ['max_tokens', 100, 'unsupported_parameter'],
      ['temperature', 0.7, 'unsupported_value'],
    ] as const) {
      it(`refuses ${param}`, async () => {
        const { status, text } = await think({ [param]: value });
        const { error } = JSON.parse(text);
        assert.deepEqual([status, error.code, error.param], [400, code, param]);
      });
    }

    it('has nothing left to say when it thought too long, and has when it is told not to think', async () => {
      assert.deepEqual(read((await think({ max_completion_tokens: 800 })).text), ['', 'length']);
      const brief = await think({ max_completion_tokens: 800, reasoning_effort: 'minimal', temperature: 1 });
      assert.deepEqual(read(brief.text), ['One two three four.', 'stop']);
    });
  });
});
