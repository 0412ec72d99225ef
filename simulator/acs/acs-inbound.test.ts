// Incoming calls at the ACS stand-in, driven by Microsoft's own client and a real media socket.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parseCallAutomationEvent } from '@azure/communication-call-automation';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createTonePhone, type TonePhone } from '../caller/tone-phone.ts';
import { createTone, measureToneSnrDb } from '../voice/tone.ts';
import { type Acs, startAcs } from './acs.ts';
import { startTestApplication, type TestApplication, type TestSocket } from './acs-test-application.ts';
import { acsIssuer } from './acs-token-issuer.ts';

const resourceId = '11111111-2222-4333-8444-555555555555';

describe('an incoming call', () => {
  let acs: Acs;
  let app: TestApplication;
  let phone: TonePhone;
  const ring = () => acs.ring({ from: '+15550101', phone });
  const firstSocket = () => app.until('a media socket', () => app.sockets[0]);
  const code = (operation: Promise<unknown>) =>
    operation.then(
      () => 'no error',
      (error: { statusCode?: number; code?: string }) => `${error.statusCode}/${error.code}`,
    );
  beforeEach(async () => {
    acs = await startAcs({ resourceId, timeScale: 0.05 });
    app = await startTestApplication(acs);
    phone = createTonePhone({ hz: 400 });
  });
  afterEach(async () => {
    await acs.stop();
    await app.stop();
  });

  it('is announced, answered, connected, streamed, and ended by the caller', async () => {
    const call = ring();
    const connection = await app.answer();
    assert.equal((await connection.getCallConnectionProperties()).callConnectionId, call.callConnectionId());
    await call.connected;
    const connected = await app.event('CallConnected');
    const { serverCallId, correlationId } = call.call;
    assert.deepEqual(
      { ...connected, id: 'e-1', time: 't-1' },
      {
        id: 'e-1',
        source: `calling/callConnections/${call.callConnectionId()}`,
        type: 'Microsoft.Communication.CallConnected',
        data: {
          version: '2026-03-12',
          operationContext: 'op-answer',
          resultInformation: { code: 200, subCode: 0, message: '' },
          callConnectionId: call.callConnectionId(),
          serverCallId,
          correlationId,
          publicEventType: 'Microsoft.Communication.CallConnected',
        },
        time: 't-1',
        specversion: '1.0',
        datacontenttype: 'application/json',
        subject: `calling/callConnections/${call.callConnectionId()}`,
      },
    );
    assert.match(connected.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}\+00:00$/);
    const { data } = await app.event('MediaStreamingStarted');
    assert.deepEqual(data.mediaStreamingUpdate, {
      contentType: 'Audio',
      mediaStreamingStatus: 'mediaStreamingStarted',
      mediaStreamingStatusDetails: 'subscriptionStarted',
    });
    assert.partialDeepStrictEqual((await app.event('ParticipantsUpdated')).data, {
      participants: [{ identifier: { rawId: '4:+15550101', kind: 'phoneNumber' } }, {}],
      sequenceNumber: 1,
    });

    phone.hangUp();
    assert.deepEqual(await call.ended, { by: 'phone', code: 200, subCode: 540000 });
    assert.partialDeepStrictEqual((await app.event('CallDisconnected')).data, {
      resultInformation: { code: 200, subCode: 540000 },
    });
    assert.equal(phone.isLineClosed, true);
    assert.equal(await (await firstSocket()).closed, 1000);
    for (const { events } of app.callbacks) assert.ok(parseCallAutomationEvent(JSON.stringify(events)));
  });

  it('comes with a token that its published keys prove, for five minutes on callbacks and a day on the socket', async () => {
    ring();
    await app.answer();
    const { headers } = await firstSocket();
    await app.event('CallConnected');
    const { issuer, jwks_uri } = (await (await fetch(acs.openIdUrl)).json()) as { issuer: string; jwks_uri: string };
    const keys = createRemoteJWKSet(new URL(jwks_uri));
    const lifetimeOf = async (authorization: string | undefined) => {
      const token = authorization!.replace(/^Bearer /, '');
      const { payload } = await jwtVerify(token, keys, { issuer, audience: resourceId, algorithms: ['RS256'] });
      return payload.exp! - payload.iat!;
    };
    assert.equal(issuer, acsIssuer);
    assert.equal(await lifetimeOf(app.callbacks[0]!.headers.authorization), 300);
    assert.equal(await lifetimeOf(headers.authorization), 86400);
    assert.equal(headers['x-ms-call-connection-id'], acs.calls[0]!.callConnectionId);
    assert.equal(headers['x-ms-call-correlation-id'], acs.calls[0]!.correlationId);
  });

  for (const forgery of ['wrong-key', 'wrong-audience', 'wrong-issuer', 'expired'] as const)
    it(`can come with a token that fails the check: ${forgery}`, async () => {
      acs.faults.callbacks.forge = forgery;
      ring();
      await app.answer();
      await app.event('CallConnected');
      const token = app.callbacks[0]!.headers.authorization!.replace(/^Bearer /, '');
      const keys = createRemoteJWKSet(new URL(`${acs.url}/calling/keys`));
      await assert.rejects(jwtVerify(token, keys, { issuer: acsIssuer, audience: resourceId }));
    });

  it('can be answered once and only while it rings', async () => {
    const call = ring();
    await app.answer();
    assert.equal(await code(app.answer()), '400/8523');
    await call.connected;

    const other = acs.ring({ from: '+15550102', phone: createTonePhone({ hz: 500 }) });
    await app.until('the second call', () => app.incoming.length === 2);
    assert.deepEqual(await other.ended, { by: 'no-answer', code: 487, subCode: 10004 });
    await assert.rejects(app.answer(), /lifetime validation of the signed http request failed/);
    await assert.rejects(other.connected, /before it was connected: 487\/10004/);
    assert.equal(await code(app.client.answerCall('made-up', app.callbackUrl)), '400/8523');
  });

  it('is gone for good when the caller gives up before the answer', async () => {
    const call = ring();
    await app.until('the call', () => app.incoming.length === 1);
    phone.hangUp();
    assert.deepEqual(await call.ended, { by: 'phone', code: 487, subCode: 540487 });
    assert.equal(await code(app.answer()), '404/8522');
  });

  it('is not known any more once the application hung up', async () => {
    const call = ring();
    const connection = await app.answer();
    const media = connection.getCallMedia();
    await call.connected;
    await connection.hangUp(false);
    assert.deepEqual(await call.ended, { by: 'application', code: 200, subCode: 7000 });
    assert.equal(await code(connection.hangUp(true)), '404/8522');
    assert.equal(await code(media.startMediaStreaming()), '404/8522');
  });

  it('streams the caller every 20 ms, after the metadata', async () => {
    ring();
    await app.answer();
    const socket = await firstSocket();
    const startedMs = performance.now();
    await app.until('a second of audio', () => socket.messages.length > 50);
    const tookMs = performance.now() - startedMs;
    const [metadata, first] = socket.messages;
    assert.partialDeepStrictEqual(metadata, {
      kind: 'AudioMetadata',
      audioMetadata: { encoding: 'PCM', sampleRate: 16000, channels: 1, length: 640 },
    });
    assert.partialDeepStrictEqual(first, {
      kind: 'AudioData',
      audioData: { participantRawID: '4:+15550101', silent: false },
    });
    assert.equal(Buffer.from((first!.audioData as { data: string }).data, 'base64').length, 640);
    // 50 frames are a second; a busy machine may start late and catch up, but never runs at another rate.
    assert.ok(tookMs > 700 && tookMs < 4000, `${tookMs} ms`);
  });

  it('goes on with frames marked silent while the caller says nothing', async () => {
    phone = createTonePhone({ hz: 400, level: 0 });
    ring();
    await app.answer();
    const socket = await firstSocket();
    await app.until('audio', () => socket.messages.length > 3);
    assert.partialDeepStrictEqual(socket.messages[3], { kind: 'AudioData', audioData: { silent: true } });
  });

  it('has 24 kHz frames of 960 bytes when that was asked for, and keeps tones pure both ways', async () => {
    // No whole number of periods in 20 ms: a frame played twice would be heard.
    phone = createTonePhone({ hz: 410 });
    const call = ring();
    await app.answer({ audioFormat: 'Pcm24KMono', audioChannelType: 'mixed' });
    const socket = await firstSocket();
    const sent = createTone(730, 600, 24_000);
    socket.play(Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength));
    await app.until('the end of it', () => socket.messages.length > 40 && call.log.playedBytes === sent.byteLength);
    const frames = socket.messages.slice(1) as unknown as { audioData: { data: string; participantRawID?: string } }[];
    const audio = Buffer.concat(frames.map(({ audioData }) => Buffer.from(audioData.data, 'base64')));
    assert.equal(audio.length, frames.length * 960);
    assert.equal(frames[0]!.audioData.participantRawID, undefined);
    const samples = Int16Array.from({ length: audio.length / 2 }, (_, i) => audio.readInt16LE(i * 2));
    assert.ok(measureToneSnrDb(samples.subarray(1_000), 24_000, 410) > 50);

    const heard = phone.heard;
    const start = heard.findIndex((sample) => Math.abs(sample) > 100) + 320;
    assert.ok(measureToneSnrDb(heard.subarray(start, start + 8_000), 16_000, 730) > 50);
  });

  it('plays what comes back in real time, and StopAudio throws away the rest', async () => {
    const call = ring();
    await app.answer();
    const socket = await firstSocket();
    // Two seconds at once; the phone hears them as they are played.
    socket.play(Buffer.alloc(64_000, 1));
    socket.send('this is not JSON');
    socket.send({ kind: 'Mark' });
    await app.until('some playback', () => call.log.playedBytes >= 6_400);
    socket.send({ kind: 'stopAudio', stopAudio: {} });
    await app.until('the stop', () => call.log.stops.length === 1);
    const { playedBytes } = call.log;
    assert.equal(call.log.stops[0]!.droppedBytes, 64_000 - playedBytes);
    assert.ok(playedBytes < 60_000, `${playedBytes} bytes were played`);
    assert.deepEqual([call.log.invalidMessages, call.log.unknownMessages], [1, 1]);

    socket.play(Buffer.alloc(640, 2));
    await app.until('the next frame', () => call.log.playedBytes === playedBytes + 640);
    assert.partialDeepStrictEqual(call.log.stops[0]!.framesAfter, [{ seq: 1, bytes: 640 }]);
    phone.hangUp();
    await call.ended;
    const heard = phone.heard;
    assert.equal(heard.filter((sample) => sample === 0x0101).length * 2, playedBytes);
    assert.equal(heard.filter((sample) => sample === 0x0202).length * 2, 640);
  });

  it('outlives its socket: the stream fails, can be started again, and begins with the metadata', async () => {
    const call = ring();
    const connection = await app.answer();
    (await firstSocket()).close();
    const failed = await app.event('MediaStreamingFailed');
    assert.partialDeepStrictEqual(failed.data, {
      resultInformation: { code: 500, subCode: 8578 },
      mediaStreamingUpdate: { mediaStreamingStatusDetails: 'streamConnectionInterrupted' },
    });
    await connection.getCallMedia().startMediaStreaming();
    const second = await app.until('a second socket', () => app.sockets[1]);
    await app.until('audio', () => second.messages.length > 2);
    assert.equal(second.messages[0]!.kind, 'AudioMetadata');
    assert.equal(call.call.phase, 'connected');
    assert.deepEqual(
      call.log.events.map(({ type }) => type),
      ['opened', 'lost', 'opened'],
    );
  });

  it('dials again by itself when told to', async () => {
    acs.faults.media.reconnectAttempts = 2;
    const call = ring();
    await app.answer();
    await app.event('MediaStreamingStarted');
    call.call.dropMedia();
    const second = await app.until('a second socket', () => app.sockets[1]);
    await app.until('audio', () => second.messages.length > 2);
    await app.until('the event', () =>
      app.callbacks.some(({ events }) => JSON.stringify(events).includes('streamConnectionReestablished')),
    );
  });

  it('goes on without media when the socket cannot be opened', async () => {
    const call = ring();
    await app.answer({ transportUrl: 'ws://127.0.0.1:1/nobody' });
    const failed = await app.event('MediaStreamingFailed');
    assert.partialDeepStrictEqual(failed.data, {
      resultInformation: { code: 400, subCode: 8581 },
      mediaStreamingUpdate: { mediaStreamingStatusDetails: 'initialWebSocketConnectionFailed' },
    });
    assert.equal(call.call.phase, 'connected');
  });

  it('keeps the order of its frames when they are late by chance', async () => {
    acs.faults.media.jitterMs = 60;
    ring();
    await app.answer();
    const socket = await firstSocket();
    await app.until('audio', () => socket.messages.length > 15);
    assert.equal(socket.messages[0]!.kind, 'AudioMetadata');
    const times = socket.messages.slice(1).map(({ audioData }) => (audioData as { timestamp: string }).timestamp);
    assert.deepEqual(times, times.toSorted());
  });

  it('can read so slowly that audio backs up on its way', async () => {
    acs.faults.media.slowReadMs = 300;
    const call = ring();
    await app.answer();
    const socket = await firstSocket();
    // 40 messages of 100 KB, each longer than one read of the socket.
    for (let i = 0; i < 40; i++) socket.play(Buffer.alloc(76_800));
    await app.until('the first of it', () => call.log.framesReceived > 0);
    assert.ok(call.log.framesReceived < 40);
  });

  it('can spell its messages with capitals', async () => {
    acs.faults.media.casing = 'pascal';
    ring();
    await app.answer();
    const socket: TestSocket = await firstSocket();
    await app.until('audio', () => socket.messages.length > 1);
    assert.deepEqual(Object.keys(socket.messages[1]!), ['Kind', 'AudioData']);
  });

  it('retries a callback that failed, and repeats, gathers or loses others when told to', async () => {
    Object.assign(acs.faults.callbacks, { duplicate: true, drop: (type: string) => type === 'ParticipantsUpdated' });
    app.statuses.push(500);
    const call = ring();
    await app.answer({ startMediaStreaming: false });
    await app.until('three deliveries', () => app.callbacks.length === 3);
    const ids = app.callbacks.map(({ events }) => events[0]!.id);
    assert.deepEqual(new Set(ids).size, 1);
    assert.deepEqual(
      call.call.callbacks.map(({ event, outcome }) => [event.type.split('.')[2], outcome === 'dropped']),
      [
        ['ParticipantsUpdated', true],
        ['CallConnected', false],
      ],
    );
  });
});
