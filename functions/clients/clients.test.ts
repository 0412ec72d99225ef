// Who may use the API: by key, by sign-in and role, from which page, how often; and that what they do is written down.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { watchTicketSchema } from '../../shared/console-api.ts';
import { ticketPrefix, WatchTickets } from '../../shared/watch-ticket.ts';
import { operations } from '../console/openapi.ts';
import { createHttpRoutes } from '../routes.ts';
import type { Services } from '../services.ts';
import { apiDocument } from '../testing/answer-check.ts';
import { apiKey, startTestApp, type TestApp } from '../testing/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp({ settings: { WEBSITE_AUTH_ENABLED: 'True', CORS_ORIGINS: 'https://desk.example' } });
});
after(() => app.stop());

/** As App Service tells who signed in with Entra. */
function signedIn(name: string | undefined, ...roles: string[]): Record<string, string> {
  const claims = [
    ...(name === undefined ? [] : [{ typ: 'preferred_username', val: name }]),
    ...roles.map((val) => ({ typ: 'roles', val })),
  ];
  const principal = { auth_typ: 'aad', name_typ: 'name', role_typ: 'roles', claims };
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify(principal)).toString('base64') };
}

const json = { 'content-type': 'application/json' };
const get = (path: string, headers: Record<string, string> = {}, from = app) =>
  fetch(`${from.url}${path}`, { headers });
const post = (path: string, headers: Record<string, string>, body: object = {}) =>
  fetch(`${app.url}${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

describe('who signed in', () => {
  it('sees as a viewer, and does nothing', async () => {
    const viewer = signedIn('ann@contoso.example', 'viewer');
    assert.deepEqual(await (await get('/api/me', viewer)).json(), { name: 'ann@contoso.example', role: 'viewer' });
    for (const path of [
      '/api/calls',
      '/api/agents',
      '/api/tools',
      '/api/statistics?hours=48',
      '/api/source-phone-number',
    ])
      assert.equal((await get(path, viewer)).status, 200, path);
    for (const path of [
      '/api/call',
      '/api/initiateOutboundCall',
      '/api/calls/x/hang-up',
      '/api/calls/x/keys',
      '/api/calls/x/transfer',
    ])
      assert.equal((await post(path, viewer, { to: '+15550142' })).status, 403, path);
    assert.equal(app.control.dialled.length, 0);
  });

  it('acts as an operator, and it is written down with the call who it was', async () => {
    const operator = signedIn('bob@contoso.example', 'viewer', 'operator');
    const placed = await post('/api/call', operator, { to: '+15550142' });
    assert.equal(placed.status, 201);
    const { call_id: callId } = (await placed.json()) as { call_id: CallId };
    assert.equal((await post(`/api/calls/${callId}/keys`, operator, { keys: '12#' })).status, 202);
    assert.equal((await post(`/api/calls/${callId}/hang-up`, operator)).status, 202);
    const acts = (await app.stores.stream.read(callId)).flatMap((event) =>
      event.type === 'operator-acted' ? [[event.action, event.who]] : [],
    );
    const who = 'bob@contoso.example';
    assert.deepEqual(acts, [
      ['dialled', who],
      ['sent-keys', who],
      ['hung-up', who],
    ]);
  });

  it('does not learn as a viewer whom a call is with', async () => {
    const { call_id: callId } = (await (await app.post('/api/call', { to: '+15550143' })).json()) as {
      call_id: string;
    };
    const numberFor = async (headers: Record<string, string>) =>
      ((await (await get(`/api/calls/${callId}`, headers)).json()) as { phone_number: string }).phone_number;
    assert.equal(await numberFor(signedIn('ann', 'viewer')), '+••••••43');
    assert.equal(await numberFor(signedIn('bob', 'operator')), '+15550143');
    const { calls } = (await (await get('/api/calls', signedIn('ann', 'viewer'))).json()) as {
      calls: { phone_number: string }[];
    };
    const asked = (headers: Record<string, string>) => get('/api/calls?phone_number=%2B15550143', headers);
    assert.equal((await asked(signedIn('ann', 'viewer'))).status, 403);
    assert.equal((await asked(signedIn('bob', 'operator'))).status, 200);
    // Nor by where they stand among others.
    assert.equal((await get('/api/calls?sort=phone_number', signedIn('ann', 'viewer'))).status, 403);
    assert.equal((await get('/api/calls?sort=phone_number', signedIn('bob', 'operator'))).status, 200);
    assert.ok(calls.length > 0 && calls.every(({ phone_number }) => phone_number.startsWith('+••')));
  });

  const refused: Record<string, [headers: Record<string, string>, status: number]> = {
    'without a role': [signedIn('eve'), 403],
    'with a role of another app': [signedIn('eve', 'Owner'), 403],
    'without a name': [signedIn(undefined, 'operator'), 401],
    'by another provider than Entra': [
      { 'x-ms-client-principal': Buffer.from('{"auth_typ":"github","claims":[]}').toString('base64') },
      401,
    ],
    'with a header that is no base64': [{ 'x-ms-client-principal': '%%%' }, 401],
    'with a header that is no JSON': [{ 'x-ms-client-principal': Buffer.from('operator').toString('base64') }, 401],
    'by an empty header': [{ 'x-ms-client-principal': '' }, 401],
    'by a page from elsewhere': [{ ...signedIn('bob', 'operator'), origin: 'https://pages.example' }, 403],
    'by a page from elsewhere that hides it': [{ ...signedIn('bob', 'operator'), 'sec-fetch-site': 'cross-site' }, 403],
    'with a wrong key besides': [{ ...signedIn('bob', 'operator'), 'x-functions-key': 'wrong' }, 401],
  };
  for (const [how, [headers, status]] of Object.entries(refused))
    it(`is nobody here ${how}`, async () => assert.equal((await get('/api/calls', headers)).status, status));

  it("is not believed where App Service signs nobody in, and the header is anybody's", async (t) => {
    const plain = await startTestApp();
    t.after(() => plain.stop());
    assert.equal((await get('/api/calls', signedIn('bob', 'operator'), plain)).status, 401);
  });

  it('may not send a form, which any page can', async () => {
    const headers = { ...signedIn('bob', 'operator'), 'content-type': 'text/plain' };
    assert.equal((await fetch(`${app.url}/api/call`, { method: 'POST', headers, body: '{}' })).status, 415);
  });
});

describe('nobody in particular', () => {
  it('may read what the API is like, and no more', async () => {
    const document = (await (await get('/api/openapi.json')).json()) as { openapi: string };
    assert.equal(document.openapi, '3.1.0');
    const docs = await get('/api/docs');
    assert.match(await docs.text(), /\/api\/calls\/\{callId\}/);
    assert.match(docs.headers.get('content-security-policy')!, /default-src 'none'/);
    for (const path of ['/api/calls', '/api/me', '/api/agents', '/api/tools'])
      assert.equal((await get(path)).status, 401, path);
    assert.equal((await post('/api/watch-tickets', {})).status, 401);
  });
});

describe('a page of another origin', () => {
  it('that is listed may ask with a key, and reads also why it is refused', async () => {
    const page = { origin: 'https://desk.example' };
    const asked = await fetch(`${app.url}/api/call`, { method: 'OPTIONS', headers: page });
    assert.deepEqual(
      [
        asked.status,
        asked.headers.get('access-control-allow-origin'),
        asked.headers.get('access-control-allow-headers'),
      ],
      [204, 'https://desk.example', 'content-type, x-functions-key'],
    );
    for (const [key, status] of [
      [apiKey, 200],
      ['wrong', 401],
    ] as const) {
      const answer = await get('/api/calls', { ...page, 'x-functions-key': key });
      assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [status, page.origin]);
      assert.equal(answer.headers.get('access-control-allow-credentials'), null);
    }
  });

  it('that is not listed is allowed nothing', async () => {
    const answer = await fetch(`${app.url}/api/call`, {
      method: 'OPTIONS',
      headers: { origin: 'https://pages.example' },
    });
    assert.equal(answer.headers.get('access-control-allow-origin'), null);
  });

  it('needs no key on an open machine where it is listed', async (t) => {
    const open = await startTestApp({ isOpen: true, settings: { CORS_ORIGINS: 'https://desk.example' } });
    t.after(() => open.stop());
    assert.equal((await get('/api/calls', { origin: 'https://desk.example' }, open)).status, 200);
    assert.equal((await get('/api/calls', { origin: 'https://pages.example' }, open)).status, 403);
  });
});

describe('POST /api/watch-tickets', () => {
  const tickets = new WatchTickets('an example secret of thirty-two characters');

  it('gives a ticket for one call or all, which shows numbers to operators only', async () => {
    const one = watchTicketSchema.parse(await (await app.post('/api/watch-tickets', { call_id: 'in-1' })).json());
    assert.equal(one.url, 'wss://bridge.example/ws/events/in-1');
    assert.deepEqual(one.protocols, ['parley', `${ticketPrefix}${one.ticket}`]);
    assert.deepEqual(await tickets.verify(one.ticket), { calls: 'in-1', showsNumbers: true });
    const answer = await post('/api/watch-tickets', signedIn('ann', 'viewer'));
    const all = watchTicketSchema.parse(await answer.json());
    assert.equal(all.url, 'wss://bridge.example/ws/events');
    assert.deepEqual(await tickets.verify(all.ticket), { calls: 'all', showsNumbers: false });
    assert.equal((await app.post('/api/watch-tickets', { call_id: '../all' })).status, 404);
  });

  it('gives each client only so many a minute', async () => {
    const statuses = [];
    for (let n = 0; n < 121; n++) statuses.push((await post('/api/watch-tickets', signedIn('dan', 'viewer'))).status);
    assert.deepEqual([statuses.filter((status) => status === 201).length, statuses.at(-1)], [120, 429]);
    assert.equal((await post('/api/watch-tickets', signedIn('bob', 'viewer'))).status, 201);
  });

  it('is refused once it is old, or of another kind', async () => {
    await assert.rejects(tickets.verify('nonsense'), { code: 'UNAUTHENTICATED' });
    await assert.rejects(
      new WatchTickets('another secret of thirty-two characters').verify(
        await tickets.sign({ calls: 'all', showsNumbers: true }),
      ),
      {
        code: 'UNAUTHENTICATED',
      },
    );
  });
});

it('the document describes every route of the API', () => {
  const none = { acs: {}, api: {}, announcements: {}, console: {}, record: {} } as unknown as Services;
  const ofMachines = [
    'hook-calls',
    'hook-events',
    'acs-callback',
    'acs-callback-any',
    'live-calls',
    'api-document',
    'api-docs',
  ];
  const names = createHttpRoutes(none)
    .filter(({ path, name }) => path.startsWith('api/') && !ofMachines.includes(name))
    .map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !(name in operations)),
    [],
  );
  assert.equal(Object.keys(apiDocument.paths).length, Object.keys(operations).length);
});
