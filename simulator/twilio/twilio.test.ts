// The Twilio stand-in against Twilio's own client, its own signature check and our media transport.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import twilio from 'twilio';
import { WebSocketServer } from 'ws';
import type { MediaTransportEvent } from '../../media-bridge/transports/media-transport.ts';
import { openTwilioTransport, type TwilioTransport } from '../../media-bridge/transports/twilio-transport.ts';
import { isSignedByTwilio } from '../../shared/telephony/twilio-signature.ts';
import type { Pickup } from '../caller/phone.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { startTwilio } from './twilio.ts';

const accountSid = 'AC000000000000000000000000000000a1';
const authToken = 'example-auth-token';
const line = '+15550199';
const streamTwiml =
  '<Response><Connect action="/ended"><Stream url="wss://bridge.example/ws/media/c1"><Parameter name="token" value="good"/></Stream></Connect></Response>';

/** An application: TwiML by path, a door for media sockets, and everything that it was told. */
async function setUp(t: TestContext, twiml: Record<string, string>, phones = new Map<string, Pickup>()) {
  const told: { path: string; form: Record<string, string> }[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of waiting) check();
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = Object.fromEntries(new URLSearchParams(body));
    const signature = String(request.headers['x-twilio-signature']);
    const url = `https://agent.example${request.url}`;
    if (!twilio.validateRequest(authToken, signature, url, form)) return response.writeHead(403).end();
    told.push({ path: request.url!, form });
    const answer = twiml[request.url!];
    if (answer === undefined) response.writeHead(204).end();
    else response.writeHead(200, { 'Content-Type': 'text/xml' }).end(answer);
    wake();
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgrades: Record<string, unknown>[] = [];
  const legs: { transport: TwilioTransport; events: MediaTransportEvent[] }[] = [];
  server.on('upgrade', (request, socket, head) => {
    upgrades.push(request.headers);
    const signature = request.headers['x-twilio-signature'];
    const allowed = isSignedByTwilio({
      authToken,
      publicUrl: 'wss://bridge.example',
      path: request.url!,
      signature: String(signature),
    });
    if (!allowed) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, async (ws) => {
      const { transport } = await openTwilioTransport(ws, async ({ parameters }) =>
        assert.equal(parameters.token, 'good'),
      );
      const events: MediaTransportEvent[] = [];
      transport.listen((event) => {
        events.push(event);
        wake();
      });
      legs.push({ transport, events });
      wake();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stand = await startTwilio({
    accountSid,
    authToken,
    numbers: new Map([
      [line, { voiceUrl: 'https://agent.example/voice', statusCallback: 'https://agent.example/status' }],
    ]),
    phones,
    origins: { 'https://agent.example': `http://127.0.0.1:${port}`, 'wss://bridge.example': `ws://127.0.0.1:${port}` },
    callsPerSecond: 100,
    timeScale: 0.01,
  });
  t.after(async () => {
    await stand.stop();
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  const client = twilio(accountSid, authToken);
  client.api.baseUrl = stand.url;
  return {
    stand,
    client,
    told,
    legs,
    upgrades,
    until: (reached: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (!reached()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    statuses: () => told.filter(({ path }) => path === '/status').map(({ form }) => form.CallStatus),
  };
}
const speech = (ms: number) => Buffer.alloc(ms * 8, 0x21);
const dial = {
  to: '+15550100',
  from: line,
  url: 'https://agent.example/answered',
  statusCallback: 'https://agent.example/status',
  statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  timeout: 20,
};
const heardAudio = ({ events }: { events: MediaTransportEvent[] }) => events.some((event) => event.type === 'audio');

describe('an incoming call', () => {
  it('goes through: voice both ways, marks to the ear, a hang-up by the caller', async (t) => {
    const { stand, told, legs, upgrades, until, statuses } = await setUp(t, { '/voice': streamTwiml });
    const phone = createTonePhone({ hz: 440 });
    const call = stand.ring({ from: '+15550100', to: line, phone });
    await call.connected;
    await until(() => legs.length === 1 && heardAudio(legs[0]!));
    const { transport, events } = legs[0]!;
    transport.sendAudio(speech(200));
    await until(() => events.some((event) => event.type === 'played-out'));
    assert.deepEqual([transport.sentMs, transport.playedMs], [200, 200]);
    assert.equal(call.streams[0]!.playedBytes, 1600);
    phone.hangUp();
    assert.deepEqual(await call.ended, { status: 'completed', by: 'caller' });
    await until(() => events.at(-1)?.type === 'closed');
    assert.deepEqual(events.at(-1), { type: 'closed', clean: true, code: 1000 });
    await call.callbacksSettled;
    assert.deepEqual(statuses(), ['completed']);
    assert.deepEqual([told[0]!.form.CallStatus, told[0]!.form.Direction], ['ringing', 'inbound']);
    const { host, 'user-agent': agent, origin, 'sec-websocket-extensions': extensions } = upgrades[0]!;
    assert.deepEqual([host, agent, origin, extensions], ['bridge.example', 'Twilio.TmeWs/1.0', undefined, undefined]);
    assert.deepEqual(stand.warnings, []);
    assert.ok(phone.isLineClosed);
  });

  it('plays nothing of what was cleared', async (t) => {
    const { stand, legs, until } = await setUp(t, { '/voice': streamTwiml });
    const call = stand.ring({ from: '+15550100', to: line, phone: createTonePhone({ hz: 440 }) });
    await until(() => legs.length === 1 && heardAudio(legs[0]!));
    const { transport, events } = legs[0]!;
    transport.sendAudio(speech(2000));
    const log = call.streams[0]!;
    // A fifth of a second of it is heard.
    const heardFrames = () => events.filter((event) => event.type === 'audio').length;
    const before = heardFrames();
    await until(() => heardFrames() >= before + 10);
    transport.clearAudio();
    const heardMs = transport.playedMs;
    transport.sendAudio(speech(100));
    await until(() => events.some((event) => event.type === 'played-out'));
    assert.equal(log.clears.length, 1);
    assert.ok(log.clears[0]!.droppedBytes > 0);
    assert.equal(log.playedBytes / 8, (16_000 - log.clears[0]!.droppedBytes) / 8 + 100);
    // To a frame on an idle machine; on a busy one the clock between two marks may be off by no more than their distance.
    const playedMs = log.playedBytes / 8 - 100;
    assert.ok(Math.abs(heardMs - playedMs) <= 120, `${heardMs} said, ${playedMs} played`);
    assert.ok(log.marks.some(({ echo }) => echo === 'cleared'));
    assert.equal(log.invalidMessages, 0);
  });

  it('asks what to do when the stream is lost, and opens another one', async (t) => {
    const { stand, told, legs, until } = await setUp(t, { '/voice': streamTwiml, '/ended': streamTwiml });
    const call = stand.ring({ from: '+15550100', to: line, phone: createTonePhone({ hz: 440 }) });
    await until(() => legs.length === 1 && heardAudio(legs[0]!));
    call.dropMedia();
    await until(() => legs.length === 2 && heardAudio(legs[1]!));
    assert.deepEqual(legs[0]!.events.at(-1), { type: 'closed', clean: false, code: 1006 });
    assert.equal(told.filter(({ path }) => path === '/ended')[0]!.form.CallStatus, 'in-progress');
    assert.equal(call.streams.length, 2);
    legs[1]!.transport.close();
    await until(() => legs.length === 3);
    assert.deepEqual(
      stand.warnings.map(({ code }) => code),
      [31903, 31921],
    );
  });

  it('ends when the application refuses the stream and has nothing else to say', async (t) => {
    const { stand, legs } = await setUp(t, { '/voice': streamTwiml, '/ended': '<Response/>' });
    stand.faults.media.forge = true;
    const call = stand.ring({ from: '+15550100', to: line, phone: createTonePhone({ hz: 440 }) });
    assert.equal((await call.ended).status, 'completed');
    assert.equal(legs.length, 0);
    assert.deepEqual(
      stand.warnings.map(({ code }) => code),
      [31920],
    );
  });

  it('has silence where the stand-in sends no frames', async (t) => {
    const { stand, legs, until } = await setUp(t, { '/voice': streamTwiml });
    stand.faults.media.skipFrame = (timestampMs) => timestampMs >= 100 && timestampMs < 160;
    stand.ring({ from: '+15550100', to: line, phone: createTonePhone({ hz: 440 }) });
    await until(() => legs.length === 1 && legs[0]!.events.length >= 6);
    const audio = legs[0]!.events.flatMap((event) => (event.type === 'audio' ? [event.audio] : []));
    const total = audio.reduce((sum, bytes) => sum + bytes.length, 0);
    const silent = audio.filter((bytes) => bytes.every((byte) => byte === 0xff));
    assert.deepEqual([silent.reduce((sum, bytes) => sum + bytes.length, 0), total % 160], [480, 0]);
  });

  it('is refused by a door that gets a forged web hook', async (t) => {
    const { stand, told } = await setUp(t, { '/voice': streamTwiml });
    stand.faults.webhooks.forge = true;
    const call = stand.ring({ from: '+15550100', to: line, phone: createTonePhone({ hz: 440 }) });
    await call.ended;
    assert.deepEqual(told, []);
  });
});

describe('an outbound call', () => {
  const answering = (phone = createTonePhone({ hz: 300 })) =>
    new Map<string, Pickup>([['+15550100', { kind: 'answers', afterMs: 500, phone }]]);

  it('tells of each step, and ends by REST', async (t) => {
    const { client, legs, until, statuses, stand, told } = await setUp(t, { '/answered': streamTwiml }, answering());
    const created = await client.calls.create(dial);
    assert.deepEqual([created.status, created.direction], ['queued', 'outbound-api']);
    await until(() => legs.length === 1 && heardAudio(legs[0]!));
    assert.equal((await client.calls(created.sid).fetch()).status, 'in-progress');
    await client.calls(created.sid).update({ status: 'completed' });
    const call = stand.calls[0]!;
    assert.deepEqual(await call.ended, { status: 'completed', by: 'application' });
    await call.callbacksSettled;
    assert.deepEqual(statuses(), ['initiated', 'ringing', 'in-progress', 'completed']);
    const numbers = told.filter(({ path }) => path === '/status').map(({ form }) => form.SequenceNumber);
    assert.deepEqual(numbers, ['0', '1', '2', '3']);
    assert.deepEqual(stand.warnings, []);
    await assert.rejects(client.calls(created.sid).update({ status: 'completed' }), { code: 21220, status: 400 });
    stand.faults.goneCode = 20404;
    await assert.rejects(client.calls(created.sid).update({ status: 'completed' }), { code: 20404, status: 404 });
  });

  for (const [kind, status, sip] of [
    ['busy', 'busy', '486'],
    ['declines', 'busy', '603'],
    ['no-answer', 'no-answer', undefined],
    ['invalid-number', 'failed', '404'],
  ] as const) {
    it(`ends as ${status} when the phone's pickup is ${kind}`, async (t) => {
      const { client, stand, told } = await setUp(t, {}, new Map<string, Pickup>([['+15550100', { kind }]]));
      await client.calls.create(dial);
      const call = stand.calls[0]!;
      assert.equal((await call.ended).status, status);
      await call.callbacksSettled;
      const last = told.at(-1)!.form;
      assert.deepEqual([last.CallStatus, last.SipResponseCode], [status, sip]);
    });
  }

  it('tells out of order and twice when told to', async (t) => {
    const { client, stand, statuses } = await setUp(t, {}, new Map<string, Pickup>([['+15550100', { kind: 'busy' }]]));
    stand.faults.webhooks.reorder = true;
    stand.faults.webhooks.duplicate = true;
    await client.calls.create(dial);
    const call = stand.calls[0]!;
    await call.ended;
    await call.callbacksSettled;
    assert.deepEqual(statuses(), ['ringing', 'ringing', 'initiated', 'initiated', 'busy', 'busy']);
  });

  it('hands over to another phone, and asks what to do afterwards', async (t) => {
    const [caller, operator] = [createTonePhone({ hz: 300 }), createTonePhone({ hz: 500 })];
    const phones = answering(caller).set('+15550111', { kind: 'answers', afterMs: 100, phone: operator });
    const { client, stand, legs, until, told } = await setUp(
      t,
      { '/answered': streamTwiml, '/dialled': '<Response/>' },
      phones,
    );
    const { sid } = await client.calls.create(dial);
    await until(() => legs.length === 1);
    await client.calls(sid).update({
      twiml:
        '<Response><Dial action="https://agent.example/dialled" callerId="+15550199"><Number statusCallback="https://agent.example/child" statusCallbackEvent="initiated">+15550111</Number></Dial></Response>',
    });
    await until(() => legs[0]!.events.at(-1)?.type === 'closed' && told.some(({ path }) => path === '/child'));
    assert.equal(told.find(({ path }) => path === '/child')!.form.ParentCallSid, sid);
    while (!operator.heard.some((sample) => sample !== 0)) await new Promise((resolve) => setTimeout(resolve, 1));
    operator.hangUp();
    assert.equal((await stand.calls[0]!.ended).status, 'completed');
    const { form } = told.find(({ path }) => path === '/dialled')!;
    assert.deepEqual([form.DialCallStatus, form.DialBridged, form.CallStatus], ['completed', 'true', 'in-progress']);
  });

  it('presses keys between two streams', async (t) => {
    const twiml = { '/answered': streamTwiml, '/again': streamTwiml };
    const { client, stand, legs, until } = await setUp(t, twiml, answering());
    const { sid } = await client.calls.create(dial);
    await until(() => legs.length === 1);
    await client.calls(sid).update({
      twiml: '<Response><Play digits="12#"/><Redirect>https://agent.example/again</Redirect></Response>',
    });
    await until(() => legs.length === 2);
    assert.deepEqual(stand.calls[0]!.pressed, ['12#']);
  });

  it('is told who answered', async (t) => {
    const { client, stand, until, told } = await setUp(t, { '/answered': streamTwiml }, answering());
    stand.faults.amd.answeredBy = 'machine_end_beep';
    await client.calls.create({
      ...dial,
      machineDetection: 'DetectMessageEnd',
      asyncAmd: 'true',
      asyncAmdStatusCallback: 'https://agent.example/amd',
    });
    await until(() => told.some(({ path }) => path === '/amd'));
    assert.equal(told.find(({ path }) => path === '/amd')!.form.AnsweredBy, 'machine_end_beep');
  });

  for (const [title, change, code] of [
    ['to nobody', { to: 'nobody' }, 21211],
    ['from a foreign number', { from: '+15550198' }, 21210],
    ['without a document', { url: undefined }, 21205],
    ['that rings too long', { timeout: 601 }, 21208],
  ] as const) {
    it(`is refused ${title}`, async (t) => {
      const { client } = await setUp(t, {});
      await assert.rejects(client.calls.create({ ...dial, ...change } as typeof dial), { code, status: 400 });
    });
  }

  it('is refused to a stranger', async (t) => {
    const { stand } = await setUp(t, {});
    const stranger = twilio(accountSid, 'another token');
    stranger.api.baseUrl = stand.url;
    await assert.rejects(stranger.calls.create(dial), { code: 20003, status: 401 });
  });

  it('waits in the queue when calls come too fast', async (t) => {
    const { client, statuses, stand } = await setUp(t, {}, new Map<string, Pickup>([['+15550100', { kind: 'busy' }]]));
    const created = await Promise.all([client.calls.create(dial), client.calls.create(dial)]);
    assert.deepEqual(
      created.map(({ status }) => status),
      ['queued', 'queued'],
    );
    await Promise.all(stand.calls.map((call) => call.ended.then(() => call.callbacksSettled)));
    assert.equal(statuses().filter((status) => status === 'busy').length, 2);
  });
});
