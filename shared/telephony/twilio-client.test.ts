// Tests how long a request to Twilio may take, and how often it is tried.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { TwilioClient, TwilioRefusal } from './twilio-client.ts';

async function setUp(t: TestContext, answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new TwilioClient({ accountSid: 'AC000000000000000000000000000000a1', authToken: 'token', apiUrl });
}

describe('a request to Twilio', () => {
  it('is given up after ten seconds without an answer', async (t) => {
    const client = await setUp(t, () => {});
    const askedAt = Date.now();
    await assert.rejects(client.updateCall('CA1', { Status: 'completed' }), { name: 'TimeoutError' });
    assert.equal(Date.now() - askedAt, 10_000);
  });

  it('is given up after ten seconds when its answer begins and does not end', async (t) => {
    const client = await setUp(t, (_request, response) => void response.writeHead(201).write('{"sid":'));
    const askedAt = Date.now();
    await assert.rejects(client.createCall({ To: '+15550100' }), { name: 'TimeoutError' });
    assert.equal(Date.now() - askedAt, 10_000);
  });

  it('is tried three times within a second when Twilio is too busy', async (t) => {
    const triedAt: number[] = [];
    const client = await setUp(t, (_request, response) => {
      triedAt.push(Date.now());
      response.writeHead(429).end('{"code":20429,"message":"Too many requests"}');
    });
    const refusal = new TwilioRefusal(429, 20429);
    await assert.rejects(client.createCall({ To: '+15550100' }), refusal);
    assert.equal(triedAt.length, 3);
    assert.ok(triedAt[2]! - triedAt[0]! <= 600, String(triedAt[2]! - triedAt[0]!));
  });
});
