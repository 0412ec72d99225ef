// How the stand-in signs and repeats its requests.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createScaledTimers } from '../delivery/scaled-timers.ts';
import { findLocalUrl, signRequest, type TwilioContext } from './twilio-context.ts';
import { createTwilioFaults } from './twilio-faults.ts';
import { postWebhook } from './twilio-webhook.ts';

/** Answers each request with the next of these; `cut` drops the connection. */
async function setUp(t: TestContext, answers: (number | 'cut')[]) {
  const requests: (string | undefined)[][] = [];
  const server = createServer((request, response) => {
    requests.push([request.headers.host, request.url]);
    const answer = answers.shift() ?? 200;
    if (answer === 'cut') request.socket.destroy();
    else response.writeHead(answer).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const context: TwilioContext = {
    accountSid: 'AC000000000000000000000000000000a1',
    authToken: '12345',
    phones: new Map(),
    faults: createTwilioFaults(),
    timers: createScaledTimers(1),
    random: () => 0.5,
    signal: new AbortController().signal,
    origins: { 'https://agent.example': `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    warn: () => {},
  };
  return { context, requests };
}

describe('postWebhook', () => {
  it('takes a failure for an answer', async (t) => {
    const { context, requests } = await setUp(t, [503]);
    const { status } = await postWebhook(context, 'https://agent.example/status?callId=c1', {});
    assert.equal(status, 503);
    assert.deepEqual(requests, [['agent.example', '/status?callId=c1']]);
  });

  it('repeats what the fragment of the URL wants repeated', async (t) => {
    const { context, requests } = await setUp(t, [503, 'cut', 204]);
    const { status } = await postWebhook(context, 'https://agent.example/status#rc=2&rp=ct,rt,5xx', {});
    assert.equal(status, 204);
    assert.equal(requests.length, 3);
  });

  it('gives up when the repeats are used up', async (t) => {
    const { context, requests } = await setUp(t, [503, 503, 503, 204]);
    const { status } = await postWebhook(context, 'https://agent.example/status#rc=2&rp=5xx', {});
    assert.deepEqual([status, requests.length], [503, 3]);
  });

  it('goes nowhere but to this machine', async (t) => {
    const { context } = await setUp(t, []);
    assert.throws(() => findLocalUrl(context, new URL('https://elsewhere.example/x')), /not on this machine/);
    await assert.rejects(postWebhook(context, 'https://elsewhere.example/x', {}), /not on this machine/);
  });
});

describe('signRequest', () => {
  it('makes the signature that is known for this request', () => {
    const form = {
      To: '+18005551212',
      From: '+14158675309',
      Digits: '1234',
      Caller: '+14158675309',
      CallSid: 'CA1234567890ABCDE',
    };
    const signature = signRequest('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form);
    assert.equal(signature, 'RSOYDt4T1cUTdK1PDd93/VVr8B8=');
  });
});
