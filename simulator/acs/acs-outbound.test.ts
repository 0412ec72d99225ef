// Calls that the application places at the ACS stand-in, and what it can do with a call that stands.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { CallConnection } from '@azure/communication-call-automation';
import type { Pickup } from '../caller/phone.ts';
import { createTonePhone, type TonePhone } from '../caller/tone-phone.ts';
import { fitTone } from '../voice/tone.ts';
import { type Acs, startAcs } from './acs.ts';
import type { AcsCall } from './acs-call.ts';
import { startTestApplication, type TestApplication } from './acs-test-application.ts';

const callee = '+15550199';
const ownLine = '+15550109';
const teamsAccount = '00000000-0000-4000-8000-00000000000c';

describe('an outgoing call', () => {
  let acs: Acs;
  let app: TestApplication;
  let phone: TonePhone;
  beforeEach(async () => {
    // A prompt is rendered as half a second of a constant that no tone reaches.
    acs = await startAcs({
      timeScale: 0.01,
      lines: [ownLine],
      teamsAccounts: [teamsAccount],
      speak: async () => new Int16Array(8_000).fill(12_345),
    });
    app = await startTestApplication(acs);
    phone = createTonePhone({ hz: 400 });
  });
  afterEach(async () => {
    await acs.stop();
    await app.stop();
  });

  async function dial(from = '+15550100'): Promise<CallConnection> {
    const { callConnection } = await app.client.createCall(
      { targetParticipant: { phoneNumber: callee }, sourceCallIdNumber: { phoneNumber: from } },
      app.callbackUrl,
      {
        operationContext: 'op-create',
        mediaStreamingOptions: {
          transportType: 'websocket',
          contentType: 'audio',
          transportUrl: app.mediaUrl,
          audioFormat: 'Pcm16KMono',
          audioChannelType: 'mixed',
          startMediaStreaming: true,
          enableBidirectional: true,
          enableDtmfTones: true,
        },
      },
    );
    return callConnection;
  }
  async function dialThrough(): Promise<CallConnection> {
    acs.phones.set(callee, { kind: 'answers', afterMs: 500, phone });
    const connection = await dial();
    await acs.calls[0]!.connected;
    return connection;
  }

  it('is answered, and ended by the callee', async () => {
    await dialThrough();
    assert.equal((await app.event('CallConnected')).data.operationContext, 'op-create');
    await app.event('MediaStreamingStarted');
    phone.hangUp();
    assert.deepEqual(await acs.calls[0]!.ended, { by: 'phone', code: 200, subCode: 560000 });
    await app.event('CallDisconnected');
  });

  const failures: [string, Pickup | undefined, { code: number; subCode: number }][] = [
    ['busy', { kind: 'busy' }, { code: 486, subCode: 560486 }],
    ['declined', { kind: 'declines' }, { code: 603, subCode: 560603 }],
    ['not answered', { kind: 'no-answer' }, { code: 480, subCode: 560480 }],
    [
      'answered too late',
      { kind: 'answers', afterMs: 40_000, phone: createTonePhone({ hz: 1 }) },
      { code: 487, subCode: 10004 },
    ],
    ['to an unknown number', undefined, { code: 404, subCode: 560404 }],
  ];
  for (const [what, pickup, result] of failures)
    it(`reports both CreateCallFailed and CallDisconnected when it is ${what}`, async () => {
      if (pickup) acs.phones.set(callee, pickup);
      await dial();
      for (const type of ['CreateCallFailed', 'CallDisconnected'])
        assert.partialDeepStrictEqual((await app.event(type)).data.resultInformation as object, result);
      assert.deepEqual(await acs.calls[0]!.ended, { by: 'refused', ...result });
    });

  it('fails when it shows a number that is not ours', async () => {
    acs.phones.set(callee, { kind: 'answers', afterMs: 0, phone });
    await dial('+15550150');
    assert.partialDeepStrictEqual((await app.event('CreateCallFailed')).data, {
      resultInformation: { code: 403, subCode: 510403 },
    });
  });

  it('reaches Teams in the name of a resource account, and ACS users, and nobody else without a number to show', async () => {
    const user = '8:orgid:00000000-0000-4000-8000-00000000000a';
    const acsUser = `8:acs:${acs.resourceId}_00000000-0000-4000-8000-00000000000b`;
    const call = (target: object, teamsAppId?: string) =>
      app.client.createCall({ targetParticipant: target as never }, app.callbackUrl, {
        teamsAppSource: teamsAppId === undefined ? undefined : { teamsAppId },
      });
    const teamsUser = { microsoftTeamsUserId: user.split(':')[2] };
    const refusal = (code: number) => (error: { statusCode?: number }) => error.statusCode === code;
    await assert.rejects(call(teamsUser), refusal(400));
    await assert.rejects(call({ phoneNumber: callee }), refusal(400));
    await assert.rejects(call(teamsUser, '00000000-0000-4000-8000-0000000000ff'), refusal(403));

    acs.phones.set(user, { kind: 'answers', afterMs: 0, phone });
    await call(teamsUser, teamsAccount);
    await acs.calls[0]!.connected;
    const { participants } = (await app.event('ParticipantsUpdated')).data as {
      participants: { identifier: object }[];
    };
    assert.partialDeepStrictEqual(participants[0]!.identifier, { rawId: user, kind: 'microsoftTeamsUser' });
    assert.partialDeepStrictEqual(acs.calls[0]!.properties, { targets: [{ rawId: user }] });

    acs.phones.set(callee, { kind: 'answers', afterMs: 0, phone: createTonePhone({ hz: 500 }) });
    await call({ phoneNumber: callee }, teamsAccount);
    await acs.calls[1]!.connected;
    acs.phones.set(acsUser, { kind: 'answers', afterMs: 0, phone: createTonePhone({ hz: 600 }) });
    await call({ communicationUserId: acsUser });
    await acs.calls[2]!.connected;
    assert.equal(acs.calls[2]!.participants[0]!.identifier.kind, 'communicationUser');
  });

  it('can only be hung up while it rings, and then the phone stops ringing', async () => {
    await acs.stop();
    await app.stop();
    // In real time: nobody answers before this test is over.
    acs = await startAcs();
    app = await startTestApplication(acs);
    acs.phones.set(callee, { kind: 'answers', afterMs: 20_000, phone });
    const connection = await dial();
    await assert.rejects(connection.getCallMedia().startMediaStreaming(), { statusCode: 400, code: '8501' });
    await connection.hangUp(true);
    assert.deepEqual(await acs.calls[0]!.ended, { by: 'application', code: 487, subCode: 0 });
    await phone.closed;
  });

  it('is transferred: our leg ends, and the two phones hear each other', async () => {
    const operator = createTonePhone({ hz: 800, level: 5_000 });
    const operatorHears = Promise.withResolvers<void>();
    const hear = operator.hear;
    operator.hear = (samples) => {
      hear(samples);
      if (samples.includes(8_000)) operatorHears.resolve();
    };
    acs.phones.set('+15550177', { kind: 'answers', afterMs: 1000, phone: operator });
    const connection = await dialThrough();
    await connection.transferCallToParticipant({ phoneNumber: '+15550177' }, { operationContext: 'xfer' });
    const accepted = await app.event('CallTransferAccepted');
    assert.partialDeepStrictEqual(accepted.data, {
      operationContext: 'xfer',
      transferTarget: { rawId: '4:+15550177' },
      transferee: { rawId: '4:+15550199' },
    });
    await app.event('CallDisconnected');
    assert.equal((await acs.calls[0]!.ended).by, 'transfer');
    assert.equal(phone.isLineClosed, false);
    await operatorHears.promise;
    operator.hangUp();
    await phone.closed;
    assert.ok(phone.heard.includes(5_000));
  });

  it('goes on when a transfer fails', async () => {
    acs.phones.set('+15550177', { kind: 'busy' });
    const connection = await dialThrough();
    await connection.transferCallToParticipant({ phoneNumber: '+15550177' });
    const { data } = await app.event('CallTransferFailed');
    assert.partialDeepStrictEqual(data, { resultInformation: { code: 486, subCode: 560486 } });
    assert.equal((await connection.getCallConnectionProperties()).callConnectionState, 'connected');
  });

  it('plays a text that the phone hears, and cancels another', async () => {
    const connection = await dialThrough();
    const media = connection.getCallMedia();
    await media.playToAll([{ kind: 'textSource', text: 'One moment please.' }], { operationContext: 'play-1' });
    await app.event('PlayStarted');
    assert.equal((await app.event('PlayCompleted')).data.operationContext, 'play-1');
    assert.equal(phone.heard.filter((sample) => sample === 12_345).length, 8_000);
    assert.partialDeepStrictEqual(acs.calls[0]!.operations.at(-1), {
      name: 'play',
      body: { playSources: [{ kind: 'text', text: { text: 'One moment please.' } }] },
    });
    await media.playToAll([{ kind: 'textSource', text: 'One moment please.' }]);
    await media.cancelAllOperations();
    assert.partialDeepStrictEqual((await app.event('PlayCanceled')).data, { resultInformation: { subCode: 8508 } });
  });

  it('passes keys to the socket and, when asked, to the callbacks', async () => {
    const keys = ['5', '#'];
    phone.takeKeys = () => keys.shift() ?? '';
    const connection = await dialThrough();
    const socket = await app.until('a socket', () => app.sockets[0]);
    keys.push('5');
    await app.until('the key', () => socket.messages.some(({ kind }) => kind === 'DtmfData'));
    assert.deepEqual(
      socket.messages.find(({ kind }) => kind === 'DtmfData'),
      { kind: 'DtmfData', dtmfData: { data: '5' } },
    );
    const media = connection.getCallMedia();
    await media.startContinuousDtmfRecognition({ phoneNumber: callee }, { operationContext: 'keys' });
    keys.push('#');
    assert.partialDeepStrictEqual((await app.event('ContinuousDtmfRecognitionToneReceived')).data, {
      operationContext: 'keys',
      sequenceId: 1,
      tone: 'pound',
    });
    await connection.hangUp(false);
    assert.partialDeepStrictEqual((await app.event('ContinuousDtmfRecognitionStopped')).data, {
      resultInformation: { subCode: 7000 },
    });
  });

  it('sends tones, lists its participants, takes one more and lets it go', async () => {
    acs.phones.set('+15550166', { kind: 'answers', afterMs: 0, phone: createTonePhone({ hz: 500 }) });
    const connection = await dialThrough();
    await connection.getCallMedia().sendDtmfTones(['one', 'pound'], { phoneNumber: callee });
    await app.event('SendDtmfTonesCompleted');
    assert.partialDeepStrictEqual(acs.calls[0]!.operations.at(-1), {
      name: 'sendDtmfTones',
      body: { tones: ['one', 'pound'] },
    });

    const guest = { targetParticipant: { phoneNumber: '+15550166' }, sourceCallIdNumber: { phoneNumber: '+15550100' } };
    await connection.addParticipant(guest);
    await app.event('AddParticipantSucceeded');
    assert.equal((await connection.listParticipants()).values?.length, 3);
    assert.ok(await connection.getParticipant({ phoneNumber: '+15550166' }));
    await connection.removeParticipant({ phoneNumber: '+15550166' });
    await app.event('RemoveParticipantSucceeded');
    assert.equal((await connection.listParticipants()).values?.length, 2);
  });

  it('takes a phone over from another call, and goes on with the one that stays', async () => {
    const guest = createTonePhone({ hz: 700 });
    acs.phones.set('+15550166', { kind: 'answers', afterMs: 0, phone: guest });
    const connection = await dialThrough();
    const other = await app.client.createCall(
      { targetParticipant: { phoneNumber: '+15550166' }, sourceCallIdNumber: { phoneNumber: '+15550100' } },
      app.callbackUrl,
    );
    const [call, fromCall] = acs.calls as [AcsCall, AcsCall];
    await fromCall.connected;
    const move = () => connection.moveParticipants([{ phoneNumber: '+15550166' }], fromCall.callConnectionId);
    await move();
    const { participant } = (await app.event('MoveParticipantSucceeded')).data as { participant: { rawId: string } };
    assert.equal(participant.rawId, '4:+15550166');
    assert.deepEqual(await fromCall.ended, { by: 'moved', code: 200, subCode: 5300 });
    await assert.rejects(other.callConnection.getCallConnectionProperties(), { code: '8522' });
    await assert.rejects(move(), { code: '8522' });
    const heardBy = ({ heard }: TonePhone, hz: number) =>
      fitTone(heard.subarray(heard.length - 640), 16000, hz).snrDb > 40;
    while (!heardBy(guest, 400) || !heardBy(phone, 700)) await new Promise((resolve) => setTimeout(resolve, 20));

    phone.hangUp();
    await app.until('one participant less', () => call.numbers.length === 1);
    assert.equal(guest.isLineClosed, false);
    assert.equal((await connection.listParticipants()).values?.length, 2);
    await connection.hangUp(true);
    await guest.closed;
  });

  it('tells when whom it wanted to take over has hung up meanwhile', async () => {
    const guest = createTonePhone({ hz: 700 });
    acs.phones.set('+15550166', { kind: 'answers', afterMs: 0, phone: guest });
    const connection = await dialThrough();
    await app.client.createCall(
      { targetParticipant: { phoneNumber: '+15550166' }, sourceCallIdNumber: { phoneNumber: '+15550100' } },
      app.callbackUrl,
    );
    const from = acs.calls[1]!;
    await from.connected;
    await connection.moveParticipants([{ phoneNumber: '+15550166' }], from.callConnectionId);
    from.hangUp();
    assert.partialDeepStrictEqual((await app.event('MoveParticipantFailed')).data, {
      resultInformation: { code: 404, subCode: 8522 },
    });
  });

  it('stops its stream and starts it again', async () => {
    const connection = await dialThrough();
    await app.event('MediaStreamingStarted');
    await connection.getCallMedia().stopMediaStreaming({ operationContext: 'stop' });
    assert.equal((await app.event('MediaStreamingStopped')).data.operationContext, 'stop');
    await connection.getCallMedia().startMediaStreaming();
    await app.until('a second socket', () => app.sockets[1]);
  });

  describe('transferred to another line of the resource', () => {
    const transfer = (connection: CallConnection) =>
      connection.transferCallToParticipant({ phoneNumber: ownLine }, { operationContext: 'op-transfer' });
    const findAnnounced = () => app.until('the announcement', () => app.incoming[0]);

    it('is announced to the application, which may leave it to who answers there', async () => {
      const colleague = createTonePhone({ hz: 700 });
      const connection = await dialThrough();
      acs.phones.set(ownLine, { kind: 'answers', afterMs: 5_000, phone: colleague });
      await transfer(connection);
      assert.partialDeepStrictEqual(await findAnnounced(), {
        to: { rawId: `4:${ownLine}` },
        from: { rawId: `4:${callee}` },
      });
      await app.event('CallTransferAccepted');
      while (!colleague.heard.some((sample) => sample !== 0)) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(await acs.calls[1]!.ended, { by: 'phone', code: 487, subCode: 540487 });
    });

    it('comes back to the application when that answers it', async () => {
      const connection = await dialThrough();
      await transfer(connection);
      await findAnnounced();
      await app.answer();
      await app.event('CallTransferAccepted');
      assert.equal((await acs.calls[0]!.ended).by, 'transfer');
      const socket = await app.until('the stream of the new call', () => app.sockets[1]);
      const loud = ({ kind, audioData }: { kind: string; audioData?: { silent: boolean } }) =>
        kind === 'AudioData' && audioData?.silent === false;
      await app.until("the caller's tone", () => socket.messages.some((message) => loud(message as never)));
      phone.hangUp();
      assert.equal((await acs.calls[1]!.ended).by, 'phone');
    });

    it('fails when nobody answers', async () => {
      const connection = await dialThrough();
      await transfer(connection);
      await app.event('CallTransferFailed');
      assert.equal((await acs.calls[1]!.ended).by, 'no-answer');
      assert.equal(acs.calls[0]!.phase, 'connected');
    });
  });
});
