// That the ACS stand-in misbehaves as its knobs say: its API, its callbacks and its media sockets.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CallAutomationClient, type CallConnection } from '@azure/communication-call-automation';
import { createTonePhone, type TonePhone } from '../caller/tone-phone.ts';
import { type Acs, startAcs } from './acs.ts';
import { startTestApplication, type TestApplication } from './acs-test-application.ts';

const callee = '+15550199';
/** No retries: what each request gets is what is looked at. */
const once = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };

let acs: Acs;
let app: TestApplication;
let client: CallAutomationClient;
let phone: TonePhone;
beforeEach(async () => {
  acs = await startAcs({ timeScale: 0.02 });
  app = await startTestApplication(acs);
  client = new CallAutomationClient(acs.connectionString, once);
  phone = createTonePhone({ hz: 400 });
});
afterEach(async () => {
  await acs.stop();
  await app.stop();
});

const create = (options: { abortSignal?: AbortSignal } = {}) =>
  client.createCall(
    { targetParticipant: { phoneNumber: callee }, sourceCallIdNumber: { phoneNumber: acs.phoneNumber } },
    app.callbackUrl,
    options,
  );
/** An answered inbound call with its media open. */
async function converse(): Promise<CallConnection> {
  const { connected } = acs.ring({ from: '+15550101', phone });
  await app.answer();
  await connected;
  const call = acs.calls[0]!;
  await app.until('frames', () => app.sockets[0] && app.sockets[0].messages.length > 3);
  return client.getCallConnection(call.callConnectionId);
}
const status = (operation: Promise<unknown>) =>
  operation.then(
    () => 'ok',
    (error: { statusCode?: number; code?: string }) => error.statusCode ?? error.code,
  );

describe('requests', () => {
  it('fail as often as told, those of one operation only, and then work again', async () => {
    const connection = await converse();
    acs.faults.rest.add({ operation: 'hangUp', times: 2, instead: { status: 500 } });
    assert.equal(await status(connection.getCallConnectionProperties()), 'ok');
    assert.deepEqual([await status(connection.hangUp(false)), await status(connection.hangUp(false))], [500, 500]);
    assert.equal(acs.calls[0]!.end, undefined);
    assert.equal(await status(connection.hangUp(false)), 'ok');
    assert.equal((await acs.calls[0]!.ended).by, 'application');
  });

  it('fail until the fault is taken back', async () => {
    const heal = acs.faults.rest.add({
      times: Number.POSITIVE_INFINITY,
      instead: { status: 429, retryAfterSeconds: 1 },
    });
    assert.deepEqual([await status(create()), await status(create())], [429, 429]);
    heal();
    assert.equal(await status(create()), 'ok');
    assert.equal(acs.calls.length, 1);
  });

  it('are answered late, or never, as told', async () => {
    acs.faults.rest.add({ operation: 'createCall', lateMs: 2_000 });
    const askedMs = performance.now();
    await create();
    assert.ok(performance.now() - askedMs >= 39);
    acs.faults.rest.add({ operation: 'createCall', instead: 'silence' });
    await assert.rejects(create({ abortSignal: AbortSignal.timeout(100) }), { name: 'AbortError' });
    assert.equal(acs.calls.length, 1);
    assert.deepEqual(
      acs.requests.map(({ status }) => status),
      [201, 0],
    );
  });

  it('can be carried out although the answer is lost: the phone rings', async () => {
    acs.phones.set(callee, { kind: 'answers', afterMs: 1_000, phone });
    acs.faults.rest.add({ operation: 'createCall', instead: 'cut', carriedOut: true });
    assert.equal(await status(create()), 'ECONNRESET');
    const [call] = acs.calls;
    await call!.connected;
    assert.equal((await app.event('CallConnected')).data.callConnectionId, call!.callConnectionId);
  });
});

describe('callbacks', () => {
  it('are lost by their type: nobody hears that the call is over', async () => {
    acs.faults.callbacks.drop = (type) => type === 'CallDisconnected';
    await converse();
    phone.hangUp();
    await acs.calls[0]!.ended;
    const last = acs.calls[0]!.callbacks.at(-1)!;
    assert.deepEqual([last.event.type, last.outcome], ['Microsoft.Communication.CallDisconnected', 'dropped']);
  });

  it('come late by their type', async () => {
    acs.faults.callbacks.delayMs = (type) => (type === 'CallDisconnected' ? 10_000 : 0);
    await converse();
    const endedMs = performance.now();
    phone.hangUp();
    await app.event('CallDisconnected');
    assert.ok(performance.now() - endedMs >= 199);
  });
});

describe('the stream', () => {
  it('is asked for again, and the request is throttled or refused', async () => {
    const connection = await converse();
    acs.faults.rest.add({ operation: 'startMediaStreaming', instead: { status: 429 } });
    acs.faults.rest.add({ operation: 'startMediaStreaming', instead: { status: 400, code: '8501' } });
    acs.calls[0]!.dropMedia();
    await app.event('MediaStreamingFailed');
    const media = connection.getCallMedia();
    assert.equal(await status(media.startMediaStreaming()), 429);
    await assert.rejects(media.startMediaStreaming(), { statusCode: 400, code: '8501' });
    await media.startMediaStreaming();
    await app.until('another socket', () => app.sockets[1]);
  });

  it('is asked for again, and the start fails after it was accepted', async () => {
    const connection = await converse();
    acs.calls[0]!.dropMedia();
    await app.event('MediaStreamingFailed');
    acs.faults.media.failStarts = 1;
    await connection.getCallMedia().startMediaStreaming();
    const failures = () =>
      app.callbacks.flatMap(({ events }) => events).filter(({ type }) => type.endsWith('MediaStreamingFailed'));
    const failure = await app.until('a second failure', () => failures()[1]);
    assert.partialDeepStrictEqual(failure.data, {
      resultInformation: { code: 429, subCode: 8578 },
      mediaStreamingUpdate: { mediaStreamingStatusDetails: 'tooManyRequests' },
    });
    assert.equal(app.sockets.length, 1);
  });

  it('is open, and no frame ever comes', async () => {
    acs.faults.media.skipFrame = () => true;
    acs.ring({ from: '+15550101', phone });
    await app.answer();
    await app.event('MediaStreamingStarted');
    while (acs.calls[0]!.media.framesWithheld < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(
      app.sockets[0]!.messages.map(({ kind }) => kind),
      ['AudioMetadata'],
    );
  });

  it('goes dead, and the service opens another while the old one is still open', async () => {
    acs.faults.media.reconnectAttempts = 1;
    await converse();
    let closed = false;
    void app.sockets[0]!.closed.then(() => {
      closed = true;
    });
    acs.calls[0]!.abandonMedia();
    await app.until('frames over another socket', () => app.sockets[1] && app.sockets[1].messages.length > 3);
    const { length } = app.sockets[0]!.messages;
    await app.until('more frames', () => app.sockets[1]!.messages.length > 8);
    assert.equal(app.sockets[0]!.messages.length, length);
    assert.equal(closed, false);
  });

  it('stalls, and everything comes at once', async () => {
    await converse();
    const { messages } = app.sockets[0]!;
    acs.calls[0]!.stallMedia(200);
    const before = messages.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.ok(messages.length - before <= 1, `${messages.length - before} messages came during the stall`);
    await app.until('the burst', () => messages.length >= before + 8);
  });
});

it('announces a call to another line of the resource', async () => {
  const { call } = acs.ring({ from: '+15550101', to: '+15550109', phone });
  const { to } = (await app.until('the announcement', () => app.incoming[0])) as unknown as { to: { rawId: string } };
  assert.equal(to.rawId, '4:+15550109');
  await app.answer();
  assert.partialDeepStrictEqual(call.properties, { answeredFor: { value: '+15550109' } });
});
