// The bridge's door over real sockets: who is let in, who is not, and how each is told.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { WebSocket } from 'ws';
import { bridgeHealthSchema } from '../shared/api.ts';
import type { CallId } from '../shared/call/call.ts';
import { foldCallEvents } from '../shared/call/call-state.ts';
import { readConfig } from '../shared/config.ts';
import { silentLogger } from '../shared/logger.ts';
import { MediaTokens } from '../shared/media-token.ts';
import { MemoryCallStream } from '../shared/stores/memory-call-stream.ts';
import { createMemoryStores } from '../shared/stores/memory-stores.ts';
import { createFaultyStores } from '../shared/stores/testing/faulty-stores.ts';
import { placesCapName } from '../shared/telephony/dial-places.ts';
import { feedProtocol, ticketPrefix, WatchTickets } from '../shared/watch-ticket.ts';
import type { RunningBridge } from './server.ts';
import { startBridge } from './start.ts';
import { formatTwilioStart } from './transports/testing/twilio-start.ts';

const secret = 'a-secret-of-thirty-two-characters-or-more';
const authToken = 'example-auth-token';
const apiKey = 'an-api-key-of-some-length';
const callId = 'call-1' as CallId;
const stream = new MemoryCallStream();
const stores = { ...createMemoryStores(), stream };

let bridge: RunningBridge;
const settings = {
  PORT: '0',
  MEDIA_TOKEN_SECRET: secret,
  API_KEY: apiKey,
  BRIDGE_URL: 'wss://bridge.example',
  TWILIO_AUTH_TOKEN: authToken,
  // Nobody listens there: no call gets as far as a model.
  AZURE_OPENAI_ENDPOINT: 'http://127.0.0.1:9',
  AZURE_OPENAI_API_KEY: 'key',
  MAX_CALLS: '2',
};
before(async () => {
  bridge = await startBridge(readConfig(settings), { stores, log: silentLogger });
});
after(() => bridge.stop());

type Outcome = { status: number } | { code: number };

/** What becomes of an upgrade: the HTTP status it was refused with, or the code it was closed with in the end. */
function knock(t: TestContext, path: string, headers: Record<string, string> = {}, url = bridge.url) {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
  const wireErrors: Error[] = [];
  const outcome = new Promise<Outcome>((resolve) => {
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve({ status: response.statusCode! });
    });
    socket.on('close', (code) => resolve({ code }));
    socket.on('error', (error) => wireErrors.push(error));
  });
  t.after(() => socket.terminate());
  return { socket, outcome, wireErrors };
}

const sign = (path: string) => ({
  'X-Twilio-Signature': createHmac('sha1', authToken).update(`wss://bridge.example${path}`).digest('base64'),
});
const tokenFor = (id: string, carrier: 'acs' | 'twilio') =>
  new MediaTokens(secret).sign({ callId: id as CallId, carrier, direction: 'inbound', agent: 'receptionist' });

describe("the bridge's door", () => {
  it('answers 404 where there is nothing', async (t) => {
    assert.deepEqual(await knock(t, '/media/nowhere').outcome, { status: 404 });
    assert.equal((await fetch(`${bridge.url}/nowhere`)).status, 404);
  });

  it('keeps the place of an outbound call while it is here, and of no other', async (t) => {
    const sign = (id: string, direction: 'inbound' | 'outbound') =>
      new MediaTokens(secret).sign({ callId: id as CallId, carrier: 'acs', direction, agent: 'receptionist' });
    const inbound = knock(t, `/media/acs/in-1/${await sign('in-1', 'inbound')}`);
    const outbound = knock(t, `/media/acs/out-1/${await sign('out-1', 'outbound')}`);
    await Promise.all([once(inbound.socket, 'open'), once(outbound.socket, 'open')]);
    while (!(await (await fetch(`${bridge.url}/healthz`)).text()).includes('"calls":2'))
      await new Promise(setImmediate);
    assert.deepEqual(await stores.dialCounts.holders(placesCapName), ['out-1']);
    inbound.socket.close(1000);
    outbound.socket.close(1000);
    await Promise.all([inbound.outcome, outbound.outcome]);
  });

  it('answers 401 to a token that is not ours, of another call, or of another carrier', async (t) => {
    for (const token of ['x.y.z', await tokenFor('call-2', 'acs'), await tokenFor('call-1', 'twilio')]) {
      assert.deepEqual(await knock(t, `/media/acs/call-1/${token}`).outcome, { status: 401 });
    }
  });

  it('answers 403 to a socket of another connection than the one that the carrier gave the call', async (t) => {
    const id = 'named' as CallId;
    await stream.append({ id: '1', callId: id, at: 1, type: 'carrier-accepted', carrierCallId: 'connection-1' });
    const path = `/media/acs/${id}/${await tokenFor(id, 'acs')}`;
    assert.deepEqual(await knock(t, path, { 'x-ms-call-connection-id': 'connection-2' }).outcome, { status: 403 });
    assert.deepEqual(await knock(t, path).outcome, { status: 403 });
    const { socket, outcome } = knock(t, path, { 'x-ms-call-connection-id': 'connection-1' });
    await once(socket, 'open');
    socket.close(1000);
    await outcome;
  });

  it('closes with 1008 a stream of another call than the one that Twilio gave ours', async (t) => {
    const id = 'stream-named' as CallId;
    await stream.append({ id: '1', callId: id, at: 1, type: 'carrier-accepted', carrierCallId: 'CA02' });
    const { socket, outcome } = knock(t, `/ws/media/${id}`, sign(`/ws/media/${id}`));
    await once(socket, 'open');
    socket.send(formatTwilioStart(await tokenFor(id, 'twilio')));
    assert.deepEqual(await outcome, { code: 1008 });
  });

  it('closes with 1008 a stream of another account than TWILIO_ACCOUNT_SID', async (t) => {
    const TWILIO_ACCOUNT_SID = 'AC000000000000000000000000000000a1';
    const own = await startBridge(readConfig({ ...settings, TWILIO_ACCOUNT_SID }), { stores, log: silentLogger });
    t.after(() => own.stop());
    const { socket, outcome } = knock(t, '/ws/media/call-1', sign('/ws/media/call-1'), own.url);
    await once(socket, 'open');
    socket.send(formatTwilioStart(await tokenFor('call-1', 'twilio')));
    assert.deepEqual(await outcome, { code: 1008 });
  });

  it('takes no socket for one of ACS that other machines may open, unless it knows the resource', async (t) => {
    const open = await startBridge(readConfig({ ...settings, HOST: '0.0.0.0' }), { stores, log: silentLogger });
    t.after(() => open.stop());
    const path = `/media/acs/call-1/${await tokenFor('call-1', 'acs')}`;
    assert.deepEqual(await knock(t, path, {}, open.url).outcome, { status: 503 });
  });

  it('answers 403 to a stream that Twilio did not sign', async (t) => {
    assert.deepEqual(await knock(t, '/ws/media/call-1').outcome, { status: 403 });
    assert.deepEqual(await knock(t, '/ws/media/call-1', sign('/ws/media/call-2')).outcome, { status: 403 });
  });

  it('closes with 1008 what it refuses after the upgrade, and writes no HTTP into the WebSocket', async (t) => {
    const { socket, outcome, wireErrors } = knock(t, '/ws/media/call-1', sign('/ws/media/call-1'));
    await once(socket, 'open');
    socket.send(formatTwilioStart('not a token'));
    assert.deepEqual(await outcome, { code: 1008 });
    assert.deepEqual(wireErrors, []);
  });

  it('closes with 1008 a call that ended before its stream came', async (t) => {
    await stream.append({ id: '1', callId: 'over' as CallId, at: 1, type: 'call-ended', reason: 'caller-hung-up' });
    const { socket, outcome, wireErrors } = knock(t, '/ws/media/over', sign('/ws/media/over'));
    await once(socket, 'open');
    socket.send(formatTwilioStart(await tokenFor('over', 'twilio')));
    assert.deepEqual(await outcome, { code: 1008 });
    assert.deepEqual(wireErrors, []);
  });

  it('opens no call again that ended long ago, with a token that is not too old, and leaves its record as it is', async (t) => {
    const created = {
      type: 'call-created',
      direction: 'inbound',
      remoteParty: 'x',
      ourNumber: 'y',
      agent: 'a',
    } as const;
    for (const carrier of ['acs', 'twilio'] as const) {
      const id = `long-over-${carrier}` as CallId;
      const events = [
        { ...created, carrier, id: '1', callId: id, at: 1 },
        { type: 'call-ended', reason: 'caller-hung-up', id: '2', callId: id, at: 2 } as const,
      ];
      // The stream has forgotten it.
      const record = foldCallEvents(id, events);
      await stores.history.save(record);
      const token = await tokenFor(id, carrier);
      if (carrier === 'acs') assert.deepEqual(await knock(t, `/media/acs/${id}/${token}`).outcome, { status: 410 });
      else {
        const { socket, outcome } = knock(t, `/ws/media/${id}`, sign(`/ws/media/${id}`));
        await once(socket, 'open');
        socket.send(formatTwilioStart(token));
        assert.deepEqual(await outcome, { code: 1008 });
      }
      assert.deepEqual([await stores.history.find(id), await stream.read(id)], [record, []]);
    }
  });

  it('names what is wrong with its stores without waiting for them, and calls itself alive all the same', async (t) => {
    const faulty = createFaultyStores(createMemoryStores());
    const ill = await startBridge(readConfig(settings), { stores: faulty.stores, log: silentLogger });
    t.after(async () => {
      faulty.live.become('well');
      await ill.stop();
    });
    faulty.history.become('read-only');
    faulty.live.become('hanging');
    const startedAt = performance.now();
    const response = await fetch(`${ill.url}/healthz`);
    assert.equal(response.status, 200);
    assert.ok(performance.now() - startedAt < 1000);
    const { status, checks, problems } = bridgeHealthSchema.parse(await response.json());
    assert.deepEqual([status, checks], ['degraded', { stream: 'down', leases: 'down', history: 'down' }]);
    assert.ok(problems.includes('the history is unavailable: it is read-only'), String(problems));
  });

  it('gives the place of a refused stream back', async (t) => {
    for (let i = 0; i < 5; i++) {
      const { socket, outcome } = knock(t, '/ws/media/call-1', sign('/ws/media/call-1'));
      await once(socket, 'open');
      socket.send('{}');
      assert.deepEqual(await outcome, { code: 1008 });
    }
    const health = bridgeHealthSchema.parse(await (await fetch(`${bridge.url}/healthz`)).json());
    assert.deepEqual([health.status, health.calls, health.problems], ['ok', 0, []]);
  });

  it('answers 409 to a second socket of the same call while the first is coming in', async (t) => {
    const first = knock(t, '/ws/media/call-1', sign('/ws/media/call-1'));
    await once(first.socket, 'open');
    assert.deepEqual(await knock(t, '/ws/media/call-1', sign('/ws/media/call-1')).outcome, { status: 409 });
    first.socket.send('{}');
    await first.outcome;
  });

  it('answers 503 when it is full, and says so to whoever asks', async (t) => {
    const first = knock(t, '/ws/media/call-1', sign('/ws/media/call-1'));
    const second = knock(t, '/ws/media/call-2', sign('/ws/media/call-2'));
    await Promise.all([once(first.socket, 'open'), once(second.socket, 'open')]);
    assert.deepEqual(await knock(t, '/ws/media/call-3', sign('/ws/media/call-3')).outcome, { status: 503 });
    const ready = await fetch(`${bridge.url}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [503, { status: 'full', calls: 2 }]);
    first.socket.send('{}');
    second.socket.send('{}');
    await Promise.all([first.outcome, second.outcome]);
    assert.equal((await fetch(`${bridge.url}/readyz`)).status, 200);
  });

  it('lets nobody watch without the key', async (t) => {
    assert.deepEqual(await knock(t, '/ws/events').outcome, { status: 401 });
    assert.deepEqual(await knock(t, '/ws/events?code=wrong').outcome, { status: 401 });
    const byQuery = knock(t, `/ws/events/${callId}?code=${apiKey}`);
    const byHeader = knock(t, '/ws/events', { 'x-functions-key': apiKey });
    await Promise.all([once(byQuery.socket, 'open'), once(byHeader.socket, 'open')]);
  });

  it('lets a browser watch what its ticket is for, and does not send the ticket back', async (t) => {
    const tickets = new WatchTickets(secret);
    const ticket = await tickets.sign({ calls: callId, showsNumbers: false });
    const offer = (path: string, token: string) => {
      const headers = { 'sec-websocket-protocol': `${feedProtocol}, ${ticketPrefix}${token}` };
      return knock(t, path, headers);
    };
    assert.deepEqual(await offer('/ws/events', ticket).outcome, { status: 401 });
    assert.deepEqual(await offer(`/ws/events/${callId}`, 'forged').outcome, { status: 401 });
    assert.deepEqual(
      await offer(
        '/ws/events',
        await new MediaTokens(secret).sign({ callId, carrier: 'acs', direction: 'inbound', agent: 'a' }),
      ).outcome,
      {
        status: 401,
      },
    );
    const watcher = new WebSocket(`${bridge.url.replace('http', 'ws')}/ws/events/${callId}`, [
      feedProtocol,
      `${ticketPrefix}${ticket}`,
    ]);
    t.after(() => watcher.terminate());
    await once(watcher, 'open');
    assert.equal(watcher.protocol, feedProtocol);
  });

  it('survives a watcher that breaks the protocol', async (t) => {
    const { socket, outcome } = knock(t, '/ws/events', { 'x-functions-key': apiKey });
    await once(socket, 'open');
    socket.send(Buffer.alloc(100_000));
    assert.deepEqual(await outcome, { code: 1009 });
    assert.equal((await fetch(`${bridge.url}/healthz`)).status, 200);
  });

  it('answers a handshake that is none', async () => {
    const { port } = new URL(bridge.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `GET /ws/events?code=${apiKey} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 400 /);
    await once(socket, 'close');
  });
});
