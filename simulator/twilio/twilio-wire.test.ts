// What the Twilio stand-in sends has the fields, names and types of Twilio's own web hooks and media messages.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { it } from 'node:test';
import twilio from 'twilio';
import { WebSocketServer } from 'ws';
import { createTonePhone } from '../caller/tone-phone.ts';
import { startTwilio } from './twilio.ts';

const accountSid = 'AC000000000000000000000000000000a1';
const line = '+15550199';

/** As Twilio documents and sends them; a deployment must not come to need one that is not among these. */
const places = ['Called', 'Caller', 'From', 'To'].flatMap((party) =>
  ['', 'City', 'Country', 'State', 'Zip'].map((part) => `${party}${part}`),
);
const voice = ['AccountSid', 'ApiVersion', 'CallSid', 'CallStatus', 'Direction', ...places];
const voiceSometimes = ['CallToken', 'CallerName', 'ForwardedFrom', 'StirVerstat'];
const status = [...voice, 'CallbackSource', 'SequenceNumber', 'Timestamp'];
const statusAtEnd = [...status, 'CallDuration', 'Duration'];
const statusAtEndSometimes = ['AnsweredBy', 'SipResponseCode'];
const rfc2822 = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} \+0000$/;

function checkFields(form: Record<string, string>, always: readonly string[], sometimes: readonly string[] = []): void {
  const names = Object.keys(form);
  assert.deepEqual(
    always.filter((name) => !names.includes(name)),
    [],
    'missing',
  );
  assert.deepEqual(
    names.filter((name) => !always.includes(name) && !sometimes.includes(name)),
    [],
    'unknown',
  );
}

it("sends what Twilio sends, by a call's hooks and over its media socket", async (t) => {
  const hooks: { path: string; form: Record<string, string> }[] = [];
  const messages: Record<string, unknown>[] = [];
  const busyTold = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    hooks.push({ path: request.url!, form: Object.fromEntries(new URLSearchParams(body)) });
    if (hooks.some(({ form }) => form.CallStatus === 'busy')) busyTold.resolve();
    const stream = `<Stream url="ws://127.0.0.1:${port}/media"><Parameter name="token" value="t"/></Stream>`;
    response.writeHead(200, { 'Content-Type': 'text/xml' });
    response.end(request.url === '/voice' ? `<Response><Connect>${stream}</Connect></Response>` : '<Response/>');
  });
  const sockets = new WebSocketServer({ server });
  const heardEnough = Promise.withResolvers<void>();
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Record<string, unknown>;
      messages.push(message);
      if (message.event === 'start')
        socket.send(JSON.stringify({ event: 'mark', streamSid: message.streamSid, mark: { name: 'm1' } }));
      if (messages.length === 8) heardEnough.resolve();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const here = `http://127.0.0.1:${port}`;
  const phones = new Map([['+15550101', { kind: 'busy' as const }]]);
  const stand = await startTwilio({
    accountSid,
    authToken: 'example-auth-token',
    numbers: new Map([[line, { voiceUrl: `${here}/voice`, statusCallback: `${here}/status` }]]),
    phones,
    callsPerSecond: 100,
    timeScale: 0.01,
  });
  t.after(async () => {
    await stand.stop();
    sockets.close();
    server.closeAllConnections();
    server.close();
  });

  const call = stand.ring({ from: '+15550142', to: line, phone: createTonePhone({ hz: 410 }) });
  await heardEnough.promise;
  const client = twilio(accountSid, 'example-auth-token');
  client.api.baseUrl = stand.url;
  await client.calls(call.sid).update({ status: 'completed' });
  await call.ended;
  await client.calls.create({
    to: '+15550101',
    from: line,
    url: `${here}/voice`,
    statusCallback: `${here}/dialled`,
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  });
  await busyTold.promise;

  const [asked] = hooks.filter(({ path }) => path === '/voice');
  checkFields(asked!.form, voice, voiceSometimes);
  assert.partialDeepStrictEqual(asked!.form, {
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: '+15550142',
    To: line,
  });
  for (const { form } of hooks.filter(({ path }) => path === '/status'))
    checkFields(form, statusAtEnd, statusAtEndSometimes);
  for (const { form } of hooks.filter(({ path }) => path === '/dialled')) {
    const isEnd = form.CallStatus === 'busy';
    checkFields(form, isEnd ? statusAtEnd : status, isEnd ? statusAtEndSometimes : []);
    assert.match(form.Timestamp!, rfc2822);
    if (isEnd) assert.equal(form.SipResponseCode, '486');
  }

  const [connected, start] = messages;
  assert.deepEqual(connected, { event: 'connected', protocol: 'Call', version: '1.0.0' });
  const { streamSid } = start as { streamSid: string };
  assert.match(streamSid, /^MZ[0-9a-f]{32}$/);
  assert.deepEqual(start, {
    event: 'start',
    sequenceNumber: '1',
    start: {
      accountSid,
      streamSid,
      callSid: call.sid,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: { token: 't' },
    },
    streamSid,
  });
  const media = messages.filter(({ event }) => event === 'media') as { media: Record<string, string> }[];
  for (const [index, message] of media.entries()) {
    assert.deepEqual(Object.keys(message).toSorted(), ['event', 'media', 'sequenceNumber', 'streamSid']);
    const { track, chunk, timestamp, payload } = message.media;
    assert.deepEqual([track, chunk], ['inbound', String(index + 1)]);
    assert.match(timestamp!, /^\d+$/);
    assert.equal(Buffer.from(payload!, 'base64').length, 160);
  }
  const mark = messages.find(({ event }) => event === 'mark');
  assert.deepEqual(Object.keys(mark!).toSorted(), ['event', 'mark', 'sequenceNumber', 'streamSid']);
  assert.deepEqual(mark!.mark, { name: 'm1' });
  const stop = messages.find(({ event }) => event === 'stop');
  assert.deepEqual(stop?.stop, { accountSid, callSid: call.sid });
});
