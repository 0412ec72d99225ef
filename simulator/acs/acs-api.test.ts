// What the API of the ACS stand-in refuses and repeats, by hand-made requests and by Microsoft's own client.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { type Acs, startAcs } from './acs.ts';

const accessKey = Buffer.from('a key for tests, of no use elsewhere').toString('base64');
const createBody = JSON.stringify({
  targets: [{ kind: 'phoneNumber', rawId: '4:+15550199', phoneNumber: { value: '+15550199' } }],
  sourceCallerIdNumber: { value: '+15550100' },
  callbackUri: 'http://127.0.0.1:1/callbacks',
});

describe('the API', () => {
  let acs: Acs;
  beforeEach(async () => {
    acs = await startAcs({ accessKey, timeScale: 0.01 });
  });
  afterEach(() => acs.stop());

  interface Changes {
    readonly method?: string;
    readonly target?: string;
    readonly body?: string;
    readonly dateMs?: number;
    readonly key?: string;
    readonly headers?: Record<string, string>;
  }
  async function send(changes: Changes = {}) {
    const { method = 'POST', target = '/calling/callConnections?api-version=2026-03-12', key = accessKey } = changes;
    const body = changes.body ?? (method === 'POST' ? createBody : '');
    const date = new Date(changes.dateMs ?? Date.now()).toUTCString();
    const hash = createHash('sha256').update(body).digest('base64');
    const toSign = `${method}\n${target}\n${date};${new URL(acs.url).host};${hash}`;
    const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(toSign).digest('base64');
    const response = await fetch(acs.url + target, {
      method,
      headers: {
        'x-ms-date': date,
        'x-ms-content-sha256': hash,
        authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
        ...(body && { 'content-type': 'application/json' }),
        ...changes.headers,
      },
      ...(body && { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  }

  it('answers a genuine request with 201, the properties and the client request id', async () => {
    const { status, body, headers } = await send({ headers: { 'x-ms-client-request-id': 'r-1' } });
    assert.equal(status, 201);
    assert.equal(headers.get('x-ms-client-request-id'), 'r-1');
    assert.partialDeepStrictEqual(body, {
      callConnectionState: 'connecting',
      targets: [{ rawId: '4:+15550199' }],
      callbackUri: 'http://127.0.0.1:1/callbacks',
    });
    assert.match(body.callConnectionId, /^[0-9a-f-]{36}$/);
  });

  const refusals: Record<string, { changes: Changes; says: RegExp }> = {
    'a wrong key': { changes: { key: Buffer.from('other').toString('base64') }, says: /signature is wrong/ },
    'a date of six minutes ago': {
      changes: { dateMs: Date.now() - 6 * 60_000 },
      says: /too far from the current time/,
    },
    'a date in six minutes': { changes: { dateMs: Date.now() + 6 * 60_000 }, says: /too far from the current time/ },
    'the hash of another body': {
      changes: { headers: { 'x-ms-content-sha256': createHash('sha256').update('').digest('base64') } },
      says: /not the hash of the body/,
    },
    'a bearer token': { changes: { headers: { authorization: 'Bearer abc' } }, says: /over TLS only/ },
    'another kind of authorization': {
      changes: { headers: { authorization: 'Basic abc' } },
      says: /not an HMAC-SHA256/,
    },
  };
  for (const [what, { changes, says }] of Object.entries(refusals))
    it(`refuses ${what} with 401`, async () => {
      const { status, body } = await send(changes);
      assert.equal(status, 401);
      assert.match(body.error.message, says);
      assert.equal(acs.calls.length, 0);
    });

  it('refuses a request that was signed for another path', async () => {
    const signed = '/calling/callConnections?api-version=2026-03-12';
    const { status } = await send({
      target: `${signed}&x=1`,
      headers: { authorization: await authorizationOf(signed) },
    });
    assert.equal(status, 401);
  });
  async function authorizationOf(target: string): Promise<string> {
    const hash = createHash('sha256').update(createBody).digest('base64');
    const toSign = `POST\n${target}\n${new Date().toUTCString()};${new URL(acs.url).host};${hash}`;
    const signature = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(toSign).digest('base64');
    return `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`;
  }

  it('wants the api-version and says which', async () => {
    assert.match((await send({ target: '/calling/callConnections' })).body.error.message, /2026-03-12/);
    const { status, body } = await send({ target: '/calling/callConnections?api-version=2020-01-01' });
    assert.deepEqual([status, body.error.code], [400, 'UnsupportedApiVersion']);
  });

  it('refuses bodies that are no JSON or hold wrong types, and names the field', async () => {
    for (const [body, says] of [
      ['{', /not JSON/],
      ['{"targets":"+15550199"}', /targets/],
      ['{"targets":[{"kind":"phoneNumber"}],"callbackUri":"http://x/"}', /rawId/],
      [createBody.replace('http://127.0.0.1:1/callbacks', '/callbacks'), /callbackUri: is not an absolute URL/],
      [createBody.replaceAll('+15550199', '0199'), /E\.164/],
    ] as const) {
      const reply = await send({ body });
      assert.deepEqual([reply.status, reply.body.error.code], [400, '8523'], body);
      assert.match(reply.body.error.message, says);
    }
  });

  it('takes fields it does not know', async () => {
    const body = JSON.stringify({ ...JSON.parse(createBody), somethingNew: { of: 'next year' } });
    assert.equal((await send({ body })).status, 201);
  });

  it('says plainly what it does not simulate', async () => {
    const { status, body } = await send({ target: '/calling/transcripts?api-version=2026-03-12', body: '{}' });
    assert.equal(status, 501);
    assert.equal(body.error.message, 'POST /calling/transcripts is not simulated.');
  });

  it('answers a repeat with the first answer and does nothing twice', async () => {
    const headers = { 'repeatability-request-id': randomUUID() };
    const [first, again] = await Promise.all([send({ headers }), send({ headers })]);
    assert.equal(first!.body.callConnectionId, again!.body.callConnectionId);
    assert.equal(acs.calls.length, 1);
    await send({ headers: { 'repeatability-request-id': randomUUID() } });
    assert.equal(acs.calls.length, 2);
  });

  it('survives a lost answer: the client tries again and there is one call', async () => {
    acs.faults.rest.add({ instead: { status: 503, retryAfterSeconds: 0 }, carriedOut: true });
    const client = new CallAutomationClient(acs.connectionString, { allowInsecureConnection: true });
    const { callConnectionProperties } = await client.createCall(
      { targetParticipant: { phoneNumber: '+15550199' }, sourceCallIdNumber: { phoneNumber: '+15550100' } },
      'http://127.0.0.1:1/callbacks',
    );
    assert.equal(acs.calls.length, 1);
    assert.equal(callConnectionProperties.callConnectionId, acs.calls[0]!.callConnectionId);
    assert.deepEqual(
      acs.requests.map(({ operation, repeated }) => [operation, repeated]),
      [
        ['createCall', false],
        ['createCall', true],
      ],
    );
  });

  it('throttles with Retry-After when told to', async () => {
    acs.faults.rest.add({ instead: { status: 429, retryAfterSeconds: 7 } });
    const { status, headers } = await send();
    assert.deepEqual([status, headers.get('retry-after')], [429, '7']);
    assert.equal((await send()).status, 201);
  });

  it('refuses http callbacks and ws media when it is as strict as the live service', async () => {
    await acs.stop();
    acs = await startAcs({ accessKey, secureUrlsOnly: true });
    const { status, body } = await send();
    assert.deepEqual([status, body.error.message], [400, 'The field CallbackUri is invalid.']);
  });
});
