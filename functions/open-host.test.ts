// The API where the host asks for no key, as Core Tools do: for this machine's programs, and for no web page.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { apiKey, startTestApp, type TestApp } from './testing/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp({ isOpen: true, settings: { DIAL_MAX_PER_NUMBER_PER_DAY: '100' } });
});
after(() => app.stop());

const json = { 'content-type': 'application/json' };
const foreign = { origin: 'https://pages.example' };

/** fetch() sets some of these itself. */
async function post(path: string, headers: Record<string, string>, body = '{"to":"+15550142"}', url = app.url) {
  const request = httpRequest(`${url}${path}`, { method: 'POST', headers });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('a call is placed', () => {
  const served: Record<string, Record<string, string>> = {
    'for a program': json,
    'for a page of this machine': { ...json, origin: 'http://localhost:5173' },
  };
  for (const [what, headers] of Object.entries(served))
    it(what, async () => assert.equal(await post('/api/call', headers), 201));
});

describe('nobody is called', () => {
  const refused: Record<string, [headers: Record<string, string>, status: number]> = {
    'for a page that posts text, which it may do unasked': [{ 'content-type': 'text/plain', ...foreign }, 403],
    'for a page that posts JSON': [{ ...json, ...foreign }, 403],
    'for a page without an origin of its own': [{ ...json, origin: 'null' }, 403],
    'for a page that hides where it is from': [{ ...json, 'sec-fetch-site': 'cross-site' }, 403],
    'for a page that gave this machine its own name': [
      { ...json, host: 'pages.example', origin: 'http://pages.example' },
      403,
    ],
    'for a name that somebody gave this machine, from nowhere': [{ ...json, host: 'pages.example' }, 403],
    'for a page that made up a key': [{ ...json, ...foreign, 'x-functions-key': 'made-up-by-the-page' }, 403],
    'for text, also from nowhere': [{ 'content-type': 'text/plain' }, 415],
    'for a form': [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
  };
  for (const [what, [headers, status]] of Object.entries(refused))
    it(what, async () => {
      const before = app.control.dialled.length;
      for (const path of ['/api/call', '/api/initiateOutboundCall', '/api/incomingCall', '/api/call?code=made-up'])
        assert.equal(await post(path, headers), status, path);
      assert.equal(app.control.dialled.length, before);
    });
});

it('hangs up for no page, though that has no body', async () => {
  assert.equal(await post('/api/calls/nobody/hang-up', foreign, ''), 403);
  assert.equal(await post('/api/calls/nobody/hang-up', {}, ''), 404);
});

it('leaves what is signed to its signature', async () => {
  assert.equal(await post('/api/callbacks/call-1', { ...json, host: 'tunnel.example' }, '[]'), 401);
});

it('wants its own key where it has one, whoever asks and however the host is called', async (t) => {
  const guarded = await startTestApp({ isOpen: true, settings: { API_KEY: apiKey } });
  t.after(() => guarded.stop());
  const place = (headers: Record<string, string>, query = '') =>
    post(`/api/call${query}`, { ...json, host: 'tunnel.example', ...headers }, undefined, guarded.url);
  assert.equal(await place({}), 401);
  assert.equal(await place({ host: '127.0.0.1' }), 401);
  assert.equal(await place({ 'x-functions-key': 'made-up' }, `?code=${apiKey}`), 401);
  assert.equal(await place({ 'x-functions-key': apiKey }), 201);
  assert.equal(await place({}, `?code=${apiKey}`), 201);
});

it('leaves the asking for hooks to the host on Azure, whose keys it does not know, and serves nobody by the API without a key of its own', async (t) => {
  const stores = { REDIS_URL: 'rediss://redis.example:10000', COSMOS_ENDPOINT: 'https://cosmos.example' };
  const hosted = await startTestApp({ isOpen: true, settings: { WEBSITE_INSTANCE_ID: 'one', ...stores } });
  t.after(() => hosted.stop());
  const headers = { ...json, host: 'functions.example' };
  assert.equal(await post('/api/incomingCall', headers, '[]', hosted.url), 200);
  for (const host of ['functions.example', '127.0.0.1'])
    assert.equal(await post('/api/call', { ...json, host }, undefined, hosted.url), 401);
});
