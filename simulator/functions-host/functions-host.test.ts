// Tests that the local host serves an app as Azure's host does, through the real @azure/functions library.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type FunctionsHost, type FunctionsHostOptions, startFunctionsHost } from './functions-host.ts';

const apiKey = 'key-of-this-test-0001';

async function start(t: TestContext, options: Partial<FunctionsHostOptions> & Pick<FunctionsHostOptions, 'app'>) {
  const host = await startFunctionsHost({ port: 0, ...options });
  t.after(() => host.stop());
  return host;
}

async function loadEcho(): Promise<void> {
  const { app } = await import('@azure/functions');
  app.http('echo', {
    route: 'items/{id:int}/{kind?}',
    methods: ['POST'],
    authLevel: 'anonymous',
    handler: async (request) => ({
      status: 201,
      headers: { 'x-seen': request.headers.get('x-test') ?? '' },
      cookies: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2', httpOnly: true, sameSite: 'Lax' },
      ],
      jsonBody: { params: request.params, q: request.query.get('q'), body: await request.text() },
    }),
  });
  app.http('b-literal', { route: 'things/search', authLevel: 'anonymous', handler: () => ({ body: 'literal' }) });
  app.http('c-any', { route: 'things/{id}', authLevel: 'anonymous', handler: () => ({ body: 'any' }) });
  app.http('keyed', { authLevel: 'function', handler: () => ({ body: 'in' }) });
  app.http('throws', { authLevel: 'anonymous', handler: () => Promise.reject(new Error('inside knowledge')) });
  app.http('bare', { authLevel: 'anonymous', handler: () => 'a bare string' as never });
  app.http('nothing', { authLevel: 'anonymous', handler: () => undefined as never });
}

describe('a functions host without a key', () => {
  it('leaves it to the app whom it serves, as Core Tools do, and delivers events of no page', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    const status = async (path: string, headers: Record<string, string>) => {
      const request = httpRequest(`${url}${path}`, { headers }).end();
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    assert.equal(await status('/keyed', {}), 200);
    assert.equal(await status('/keyed', { host: 'pages.example', origin: 'https://pages.example' }), 200);
    assert.equal(await status('/runtime/webhooks/eventgrid', { host: 'pages.example' }), 403);
    assert.equal(await status('/things/search', { host: 'tunnel.example' }), 200);
  });
});

describe('the HTTP side of the functions host', () => {
  it('gives a function its parameters, query, headers and body, and sends its answer with all cookies', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    const response = await fetch(`${url}/items/7/large%20one?q=yes`, {
      method: 'POST',
      body: 'hello',
      headers: { 'x-test': 'y' },
    });
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), { params: { id: '7', kind: 'large one' }, q: 'yes', body: 'hello' });
    assert.equal(response.headers.get('x-seen'), 'y');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.deepEqual(response.headers.getSetCookie(), ['a=1; Path=/', 'b=2; Path=/; HttpOnly; SameSite=Lax']);
  });

  it('answers 404 to an unknown path, to a method that no route allows and to a parameter of another kind', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    assert.equal((await fetch(`${url}/nowhere`)).status, 404);
    assert.equal((await fetch(`${url}/items/7`)).status, 404);
    assert.equal((await fetch(`${url}/items/seven`, { method: 'POST', body: '' })).status, 404);
    assert.equal((await fetch(`${url}/items/7/%E0%A4%A`, { method: 'POST', body: '' })).status, 400);
  });

  it('looks at functions in the order of their names', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    assert.equal(await (await fetch(`${url}/things/search`)).text(), 'literal');
    assert.equal(await (await fetch(`${url}/things/other`)).text(), 'any');
  });

  it('asks for the key by header or by query, the header first, and answers 401 with nothing in it', async (t) => {
    const { url } = await start(t, { app: loadEcho, apiKey });
    const refused = await fetch(`${url}/keyed`);
    assert.equal(refused.status, 401);
    assert.equal(await refused.text(), '');
    assert.equal((await fetch(`${url}/keyed?code=${apiKey}`)).status, 200);
    assert.equal((await fetch(`${url}/keyed`, { headers: { 'x-functions-key': apiKey } })).status, 200);
    const both = await fetch(`${url}/keyed?code=${apiKey}`, { headers: { 'x-functions-key': 'wrong' } });
    assert.equal(both.status, 401);
    assert.equal((await fetch(`${url}/things/x`)).status, 200);
  });

  it('answers 500 with nothing in it when a function throws or returns a bare string, and 204 for nothing', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    const thrown = await fetch(`${url}/throws`);
    assert.equal(thrown.status, 500);
    assert.equal(await thrown.text(), '');
    assert.equal((await fetch(`${url}/bare`)).status, 500);
    assert.equal((await fetch(`${url}/nothing`)).status, 204);
  });

  it('loses the body of a chunked request, as Azure does', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    const request = httpRequest(`${url}/items/7`, { method: 'POST' });
    request.write('sent in ');
    request.end('two chunks');
    const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const part of response) text += part;
    assert.equal((JSON.parse(text) as { body: string }).body, '');
  });

  it('lives through a client that goes away in the middle of its body', async (t) => {
    const { url } = await start(t, { app: loadEcho });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write('POST /items/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await once(socket, 'connect');
    socket.destroy();
    assert.equal((await fetch(`${url}/things/x`)).status, 200);
  });

  it('keeps the apps of two hosts apart', async (t) => {
    const { app } = await import('@azure/functions');
    const load = (text: string) => async () => {
      await Promise.resolve();
      app.http('who', { authLevel: 'anonymous', handler: () => ({ body: text }) });
    };
    const [one, two] = await Promise.all([start(t, { app: load('one') }), start(t, { app: load('two') })]);
    assert.equal(await (await fetch(`${one.url}/who`)).text(), 'one');
    assert.equal(await (await fetch(`${two.url}/who`)).text(), 'two');
    assert.throws(() => app.http('late', { handler: () => ({}) }), /only be registered while the app is loaded/);
  });

  it('lets a running function finish before it stops', async () => {
    const { app } = await import('@azure/functions');
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const host = await startFunctionsHost({
      port: 0,
      app: () =>
        app.http('slow', {
          authLevel: 'anonymous',
          handler: async () => {
            entered.resolve();
            await gate.promise;
            return { body: 'done' };
          },
        }),
    });
    const answer = fetch(`${host.url}/slow`);
    await entered.promise;
    const stopped = host.stop();
    gate.resolve();
    assert.equal(await (await answer).text(), 'done');
    await stopped;
    await host.stop();
    await assert.rejects(fetch(`${host.url}/slow`));
  });
});

describe('the Event Grid side of the functions host', () => {
  const seen: unknown[] = [];
  const loadEvents = async () => {
    const { app } = await import('@azure/functions');
    app.eventGrid('onEvent', {
      handler: (event, context) => {
        if ((event.data as { fail?: boolean }).fail) throw new Error('no');
        seen.push([event.id, context.triggerMetadata?.id]);
      },
    });
  };
  const post = (host: FunctionsHost, body: unknown, kind: string | undefined, query = 'functionName=onEvent') =>
    fetch(`${host.url}/runtime/webhooks/EventGrid?${query}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: kind === undefined ? {} : { 'aeg-event-type': kind },
    });

  it('answers the handshake itself, runs one invocation an event, and asks for all again when one throws', async (t) => {
    const host = await start(t, { app: loadEvents });
    const handshake = await post(host, [{ id: 'v', data: { validationCode: 'c-1' } }], 'SubscriptionValidation');
    assert.equal(handshake.status, 200);
    assert.deepEqual(JSON.parse(await handshake.text()), { validationResponse: 'c-1' });
    assert.equal((await post(host, { id: 'cloud', data: {} }, 'Notification')).status, 202);
    const batch = [
      { id: '1', data: {} },
      { id: '2', data: { fail: true } },
    ];
    assert.equal((await post(host, batch, 'Notification')).status, 500);
    assert.deepEqual(seen, [
      ['cloud', 'cloud'],
      ['1', '1'],
    ]);
  });

  it('does not start without the extension bundle, which brings the type of the trigger', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'no-bundle-'));
    t.after(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'host.json'), '{"version":"2.0"}');
    await assert.rejects(start(t, { app: loadEvents, folder }), { code: 'BAD_SETTING', message: /extensionBundle/ });
  });

  it('answers 404 for an unknown function, 400 without a kind or with no JSON, 202 to a farewell, 401 without the key', async (t) => {
    const host = await start(t, { app: loadEvents, apiKey });
    const key = `&code=${apiKey}`;
    assert.equal((await post(host, [], 'Notification', `functionName=onevent${key}`)).status, 404);
    assert.equal((await post(host, [], undefined, `functionName=onEvent${key}`)).status, 400);
    assert.equal((await post(host, [], 'Unsubscribe', `functionName=onEvent${key}`)).status, 202);
    assert.equal((await post(host, [], 'Notification')).status, 401);
    const broken = await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=onEvent${key}`, {
      method: 'POST',
      body: '{',
      headers: { 'aeg-event-type': 'Notification' },
    });
    assert.equal(broken.status, 400);
  });
});
