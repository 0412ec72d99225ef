// Tools that an agent's file describes, against a server on this machine: what they send, what they make of answers, and what nobody can make them do.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, beforeEach, describe, it } from 'node:test';
import { parseAgent } from '../agents/agent.ts';
import type { CallId } from '../call/call.ts';
import { newCallState } from '../call/call-state.ts';
import { silentLogger as log } from '../logger.ts';
import { MemoryLookUps } from '../stores/memory-look-ups.ts';
import { createHttpTools } from './http-tool.ts';
import { LookUpCache } from './look-up-cache.ts';
import { createBoundedFetch } from './services/bounded-fetch.ts';
import { type ToolContext, ToolRefusal } from './tool.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
const asked: Asked[] = [];
let reply: { status: number; headers?: Record<string, string>; body: string };
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers, body });
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked.length = 0;
  reply = { status: 200, body: '{"state":"sent"}' };
});

const agent = parseAgent(
  'a.md',
  `---
name: a
context: { customer: The customer. }
http_tools:
  find_order:
    description: Finds an order.
    url: http://${host}/orders/{order}?lines=all
    input: { type: object, properties: { order: { type: string }, year: { type: integer } }, required: [order] }
    secret: { setting: AGENT_SECRET_A, header: x-api-key, prefix: "" }
    cache_seconds: 60
  my_orders:
    description: The orders of the caller.
    url: http://${host}/customers/{{customer}}/orders?phone={{caller_number}}
  cancel:
    description: Cancels an order.
    method: POST
    url: http://${host}/orders/{order}/cancel
    input: { type: object, properties: { order: { type: string }, reason: { type: string } }, required: [order] }
    speak: silent
---
Be.`,
);

function setUp(hosts = [host]) {
  const means = {
    fetch: createBoundedFetch(hosts),
    secrets: { AGENT_SECRET_A: 's3cret' },
    cache: new LookUpCache(new MemoryLookUps(), log),
  };
  const tools = new Map(createHttpTools(agent, means).map((tool) => [tool.name, tool]));
  const call = { ...newCallState('in-1' as CallId), remoteParty: '+15550142', context: { customer: 'c/7' } };
  const use = async (name: string, input: object, of = call) => {
    const tool = tools.get(name)!;
    const context: Partial<ToolContext> = { call: of, signal: new AbortController().signal };
    return tool.run(tool.input.parse(input), context as ToolContext);
  };
  return { tools, call, use };
}

describe("a tool of an agent's file", () => {
  it('asks for what the model wants, with the secret, and once for the same', async () => {
    const { use } = setUp();
    assert.deepEqual(await use('find_order', { order: '47 11', year: 2026 }), { state: 'sent' });
    await use('find_order', { order: '47 11', year: 2026 });
    assert.deepEqual(
      asked.map(({ method, url }) => [method, url]),
      [['GET', '/orders/47%2011?lines=all&year=2026']],
    );
    assert.equal(asked[0]!.headers['x-api-key'], 's3cret');
  });

  it('sends what the address does not take as its body', async () => {
    const { use, tools } = setUp();
    await use('cancel', { order: '4711', reason: 'too late', other: 'x' });
    assert.deepEqual([asked[0]!.url, asked[0]!.body], ['/orders/4711/cancel', '{"reason":"too late"}']);
    assert.equal(tools.get('cancel')!.speak, 'silent');
    assert.match(tools.get('cancel')!.description, /Say something to the caller/);
  });

  it('takes the caller from the call, and from nothing that is said', async () => {
    const { use, call } = setUp();
    await use('my_orders', { customer: 'c-8', caller_number: '+15550199', phone: '+15550199' });
    assert.deepEqual(
      asked.map(({ url }) => url),
      ['/customers/c%2F7/orders?phone=%2B15550142'],
    );
    await assert.rejects(use('my_orders', {}, { ...call, context: {} as never }), ToolRefusal);
    await assert.rejects(use('my_orders', {}, { ...call, remoteParty: 'unknown' }), ToolRefusal);
  });

  it('goes to no other path, host or port, whatever the model says', async () => {
    const { use } = setUp();
    for (const order of [
      '../admin',
      '..%2Fadmin',
      'x?admin=1',
      'x#y',
      '//evil.example',
      '@evil.example',
      'a\\b',
      '{year}',
      '%2e%2e',
    ])
      await use('find_order', { order }).catch(() => {});
    for (const { url } of asked) assert.match(url, /^\/orders\/[^/?#]+\?lines=all$/, url);
    for (const order of ['', '.', '..', '...']) await assert.rejects(use('find_order', { order }), ToolRefusal);
    await assert.rejects(use('find_order', { order: ['a'] }));
  });

  it('follows nobody elsewhere', async () => {
    const { use } = setUp();
    reply = { status: 302, headers: { location: `http://${host}/elsewhere` }, body: '' };
    await assert.rejects(use('find_order', { order: '1' }));
    assert.equal(asked.length, 1);
  });

  it('asks nobody whom the operator does not allow', async () => {
    await assert.rejects(
      setUp(['orders.example']).use('find_order', { order: '1' }),
      /AGENT_ALLOWED_HOSTS does not name/,
    );
    assert.equal(asked.length, 0);
  });

  it('knows what was refused, what is not there, what failed and what is no JSON', async () => {
    const { use } = setUp();
    reply = { status: 404, body: '' };
    assert.deepEqual(await use('find_order', { order: '1' }), { found: false });
    reply = { status: 422, body: 'order\nis closed' };
    await assert.rejects(use('cancel', { order: '1' }), /refused \(422\): order is closed/);
    reply = { status: 500, body: 'secret stack' };
    await assert.rejects(
      use('cancel', { order: '1' }),
      (error: Error) => !(error instanceof ToolRefusal) && !/stack/.test(error.message),
    );
    reply = { status: 200, body: 'plain words' };
    assert.deepEqual(await use('cancel', { order: '1' }), { text: 'plain words' });
    reply = { status: 204, body: '' };
    assert.deepEqual(await use('cancel', { order: '1' }), { done: true });
  });

  it('reads no more than is of use', async () => {
    reply = { status: 200, body: `"${'x'.repeat(1_100_000)}"` };
    await assert.rejects(setUp().use('cancel', { order: '1' }), /longer than/);
  });
});
