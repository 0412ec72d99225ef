// Tests what ACS's callbacks change in a call: signed, through the host, in any order and any number.
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { acsResourceId, startAcsSigner, type TokenChange } from '../testing/acs-signer.ts';
import { startTestApp, type TestApp } from '../testing/test-app.ts';

const signer = await startAcsSigner();
after(() => signer.stop());
const callId = 'out-call-1' as CallId;
const connection = '14002e80-0000-4000-8000-000000000001';
const path = `/api/callbacks/${callId}`;

let app: TestApp;
beforeEach(async () => {
  app = await startTestApp({ settings: { ACS_OPENID_URL: signer.openIdUrl, ACS_RESOURCE_ID: acsResourceId } });
});
afterEach(() => app.stop());

let lastId = 0;
function callback(type: string, data: Record<string, unknown> = {}, id = `event-${++lastId}`) {
  return {
    id,
    source: `calling/callConnections/${connection}`,
    type: `Microsoft.Communication.${type}`,
    data: {
      version: '2026-03-12',
      operationContext: callId,
      resultInformation: { code: 200, subCode: 0, message: '' },
      callConnectionId: connection,
      serverCallId: 'c2VydmVyLWNhbGwtMQ==',
      correlationId: 'correlation-1',
      publicEventType: `Microsoft.Communication.${type}`,
      ...data,
    },
    time: '2026-11-20T17:00:16.1234567+00:00',
    specversion: '1.0',
    datacontenttype: 'application/json',
    subject: `calling/callConnections/${connection}`,
  };
}
const ended = (code: number, subCode: number, type = 'CallDisconnected') =>
  callback(type, { resultInformation: { code, subCode, message: 'DiagCode' } });

async function tell(events: unknown, options: { token?: TokenChange; path?: string } = {}) {
  return app.post(options.path ?? path, events, { authorization: await signer.sign(options.token) });
}

async function given(...facts: CallFact[]): Promise<void> {
  await app.ledger.record(
    callId,
    {
      type: 'call-created',
      carrier: 'acs',
      direction: 'outbound',
      remoteParty: '+15550142',
      ourNumber: '+15550100',
      agent: 'receptionist',
    },
    { id: 'call-created' },
  );
  await app.ledger.record(callId, { type: 'carrier-accepted', carrierCallId: connection }, { id: 'carrier-accepted' });
  for (const fact of facts) await app.ledger.record(callId, fact);
}

describe('the sender of a callback', () => {
  const forgeries: Record<string, TokenChange> = {
    'signed by another key': { forged: true },
    'of another issuer': { issuer: 'https://issuer.example' },
    'for another resource': { audience: '00000000-0000-4000-8000-0000000000ff' },
    'that ran out': { expiresAt: 1_700_000_000 },
  };
  for (const [name, token] of Object.entries(forgeries)) {
    it(`is refused with a token ${name}, and nothing changes`, async () => {
      await given();
      assert.equal((await tell([callback('CallConnected')], { token })).status, 401);
      assert.deepEqual(await app.facts(callId), ['call-created', 'carrier-accepted']);
    });
  }

  it('is refused without a token, before the body is looked at', async () => {
    assert.equal((await app.post(path, '[{')).status, 401);
    assert.equal((await app.post('/api/acs', [callback('CallConnected')])).status, 401);
  });

  for (const what of ['configuration', 'keys'] as const) {
    it(`is asked to come again while ACS's ${what} cannot be had`, async () => {
      await given();
      signer.fail(what);
      assert.equal((await tell([callback('CallConnected')])).status, 503);
      signer.fail(undefined);
      assert.equal((await tell([callback('CallConnected')])).status, 200);
      assert.equal((await app.find(callId))?.phase, 'active');
    });
  }

  it('needs no certain audience when the resource id is not set, but a signature all the same', async () => {
    await app.stop();
    app = await startTestApp({ settings: { ACS_OPENID_URL: signer.openIdUrl } });
    await given();
    const token = { audience: 'whoever' };
    assert.equal((await tell([callback('CallConnected')], { token })).status, 200);
    assert.equal((await tell([callback('CallConnected')], { token: { ...token, forged: true } })).status, 401);
  });
});

describe('callbacks', () => {
  it('connect and end a call, each with the time that ACS gave', async () => {
    await given();
    assert.equal((await tell([callback('CallConnected')])).status, 200);
    assert.equal((await tell([ended(200, 560000)])).status, 200);
    const { phase, endReason, endCode, connectedAt } = (await app.find(callId))!;
    assert.deepEqual([phase, endReason, endCode], ['ended', 'caller-hung-up', '200/560000']);
    assert.equal(connectedAt, Date.parse('2026-11-20T17:00:16.123Z'));
    assert.equal((await app.findKept(callId))?.phase, 'ended');
  });

  it('change nothing when they are repeated', async () => {
    await given();
    const events = [callback('CallConnected'), callback('CallTransferFailed'), ended(200, 7000)];
    await tell(events);
    const facts = await app.facts(callId);
    await tell(events);
    await tell([events[1]]);
    assert.deepEqual(await app.facts(callId), facts);
    assert.equal(facts.filter((type) => type === 'transfer-failed').length, 1);
  });

  it('leave an ended call ended when its connection is told late', async () => {
    await given();
    await tell([ended(200, 560000), callback('CallConnected')]);
    const state = await app.find(callId);
    assert.deepEqual([state?.phase, state?.endReason], ['ended', 'caller-hung-up']);
    assert.deepEqual(app.control.hungUp, []);
  });

  it('tell a failed dialling twice, and it ends once', async () => {
    await given();
    await tell([ended(486, 560486, 'CallDisconnected')]);
    await tell([ended(486, 560486, 'CreateCallFailed')]);
    assert.equal((await app.find(callId))?.endReason, 'busy');
    assert.equal((await app.facts(callId)).filter((type) => type === 'call-ended').length, 1);
  });

  it('name the connection when our own request never got to know it', async () => {
    await app.ledger.record(callId, {
      type: 'call-created',
      carrier: 'acs',
      direction: 'inbound',
      remoteParty: '+15550142',
      ourNumber: '+15550100',
      agent: 'receptionist',
    });
    await tell([callback('CallConnected')]);
    assert.equal((await app.find(callId))?.carrierCallId, connection);
  });

  it('are ignored when they tell of another connection or of a call that nobody knows', async () => {
    await given();
    assert.equal((await tell([callback('CallDisconnected', { callConnectionId: 'another' })])).status, 200);
    assert.equal((await tell([callback('CallDisconnected')], { path: '/api/callbacks/nobody' })).status, 200);
    assert.equal((await tell([callback('CallDisconnected')], { path: '/api/callbacks/no%20id' })).status, 404);
    assert.deepEqual(await app.facts(callId), ['call-created', 'carrier-accepted']);
    assert.equal(await app.find('nobody'), undefined);
  });

  it('are tolerated when their type is new', async () => {
    await given();
    assert.equal((await tell([callback('SomethingNew'), callback('ParticipantsUpdated')])).status, 200);
    assert.deepEqual(await app.facts(callId), ['call-created', 'carrier-accepted']);
  });

  it('find their call by the operation context where the path has none', async () => {
    await given();
    assert.equal((await tell([callback('CallConnected')], { path: '/api/acs' })).status, 200);
    assert.equal((await app.find(callId))?.phase, 'active');
    assert.equal((await tell([ended(200, 7000)], { path: `/api/acs/${callId}` })).status, 200);
    assert.equal((await app.find(callId))?.phase, 'ended');
    const foreign = callback('CallConnected', { operationContext: undefined });
    assert.equal((await tell([foreign], { path: '/api/acs' })).status, 200);
  });

  it('lose none of the good ones for a malformed one', async () => {
    await given();
    const response = await tell([{ id: 'x', type: 7, data: {} }, callback('CallConnected')]);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /\[0\]\.type/);
    assert.equal((await app.find(callId))?.phase, 'active');
    assert.equal((await tell('nonsense')).status, 400);
    assert.equal((await tell([{ ...callback('CallConnected'), pad: 'x'.repeat(1024 * 1024) }])).status, 413);
  });

  it('hang up a call that had been given up and was dialled all the same', async () => {
    await given({ type: 'call-ended', reason: 'carrier-error', code: 'CARRIER_UNAVAILABLE' });
    await tell([callback('CallConnected')]);
    assert.deepEqual(app.control.hungUp, [connection]);
  });

  it('note the keys that a person pressed', async () => {
    await given();
    await tell([callback('ContinuousDtmfRecognitionToneReceived', { tone: 'pound', sequenceId: 1 })]);
    const last = (await app.stores.stream.read(callId)).at(-1);
    assert.deepEqual(last?.type === 'dtmf-received' && last.digit, '#');
  });
});

describe('the end of a call that an operator ended', () => {
  const byOperator = { type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' } as const;

  it("is the operator's, also when the stream has lost how the call began", async () => {
    await given({ type: 'call-connected' });
    const { stream } = app.stores;
    const read = stream.read.bind(stream);
    stream.read = async (id) => (await read(id)).filter(({ type }) => type === 'hang-up-requested');
    await app.ledger.record(callId, byOperator);
    await tell([ended(200, 7000)]);
    stream.read = read;
    assert.equal((await app.find(callId))?.endReason, 'operator-hung-up');
  });

  it("is the operator's, also when that is written down after the end", async () => {
    await given({ type: 'call-connected' });
    await tell([ended(200, 7000)]);
    assert.equal((await app.find(callId))?.endReason, 'agent-hung-up');
    await app.ledger.record(callId, byOperator);
    assert.equal((await app.find(callId))?.endReason, 'operator-hung-up');
  });
});

describe('a transfer', () => {
  const accepted = () => callback('CallTransferAccepted', { transferTarget: { rawId: '4:+15550111' } });

  it('starts with its acceptance, under the name that was asked for, and ends our leg as transferred', async () => {
    await given({ type: 'call-connected' }, { type: 'transfer-requested', target: 'billing' });
    await tell([accepted()]);
    const state = await app.find(callId);
    assert.deepEqual([state?.phase, state?.transferTarget], ['transferring', 'billing']);
    await tell([ended(200, 7000)]);
    assert.equal((await app.find(callId))?.endReason, 'transferred');
  });

  it('ends our leg as transferred also when its acceptance is told last', async () => {
    await given({ type: 'call-connected' }, { type: 'transfer-requested', target: 'billing' });
    await tell([ended(200, 7000), accepted()]);
    assert.equal((await app.find(callId))?.endReason, 'transferred');
  });

  it('whose acceptance is told last was one, whatever ended our leg', async () => {
    await given({ type: 'call-connected' }, { type: 'transfer-requested', target: 'billing' });
    await tell([ended(200, 5001)]);
    assert.equal((await app.find(callId))?.endReason, 'agent-hung-up');
    await tell([accepted()]);
    const { phase, endReason } = (await app.find(callId))!;
    assert.deepEqual([phase, endReason], ['ended', 'transferred']);
    assert.equal((await app.findKept(callId))?.endReason, 'transferred');
  });

  for (const subCode of [540000, 0])
    it(`whose caller left while the other phone rang was none, told as 200/${subCode}`, async () => {
      await given({ type: 'call-connected' }, { type: 'transfer-requested', target: 'billing' });
      await tell([ended(200, subCode)]);
      assert.equal((await app.find(callId))?.endReason, 'caller-hung-up');
    });

  it('that failed gives the call back to the agent', async () => {
    await given({ type: 'call-connected' }, { type: 'transfer-requested', target: 'billing' });
    await tell([callback('CallTransferFailed', { resultInformation: { code: 486, subCode: 560486 } })]);
    assert.equal((await app.find(callId))?.phase, 'active');
    await tell([ended(200, 7000)]);
    assert.equal((await app.find(callId))?.endReason, 'agent-hung-up');
  });
});

describe('a lost media socket', () => {
  const lost = (id?: string) =>
    callback('MediaStreamingFailed', { resultInformation: { code: 500, subCode: 8578, message: '' } }, id);

  it('is opened again, once for each time it is lost', async () => {
    await given({ type: 'call-connected' });
    await tell([lost('same'), lost('same')]);
    await tell([lost('same')]);
    assert.deepEqual(app.control.restarted, [connection]);
  });

  it('is opened again when ACS says that the streaming stopped, too', async () => {
    await given({ type: 'call-connected' });
    await tell([callback('MediaStreamingStopped')]);
    assert.deepEqual(app.control.restarted, [connection]);
  });

  it('is let go with a call that is over, is to be over, or is being transferred', async () => {
    await given({ type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' });
    await tell([lost()]);
    assert.deepEqual(app.control.restarted, []);
  });
});

describe('a caller to whom a person is brought', () => {
  const joining = [
    { type: 'call-connected' },
    { type: 'consultation-started', leg: 'out-for-1' as CallId, target: 'desk' },
    { type: 'transfer-started', target: 'desk' },
  ] as const satisfies readonly CallFact[];
  const phones = (...numbers: string[]) => ({
    participants: [...numbers.map((number) => `4:${number}`), '8:acs:ours'].map((rawId) => ({ identifier: { rawId } })),
  });

  it('talks to them once ACS says that they are there', async () => {
    await given(...joining);
    app.control.people.set(connection, 2);
    await tell([callback('MoveParticipantSucceeded')]);
    assert.equal((await app.find(callId))?.isTransferred, true);
    assert.deepEqual(app.control.hungUp, []);
  });

  it('has the agent again when they are gone', async () => {
    await given(...joining);
    await tell([callback('MoveParticipantFailed', { resultInformation: { code: 404, subCode: 8522 } })]);
    const state = await app.find(callId);
    assert.deepEqual([state?.phase, state?.transferFailed?.outcome], ['active', 'hung-up']);
  });

  it('is not kept in a call that the person has left, whatever late event says how many there are', async () => {
    await given(...joining);
    // Of before the person came.
    await tell([callback('ParticipantsUpdated', phones('+15550142'))]);
    app.control.people.set(connection, 2);
    await tell([callback('MoveParticipantSucceeded'), callback('ParticipantsUpdated', phones('+15550142'))]);
    assert.deepEqual(app.control.hungUp, []);
    app.control.people.set(connection, 1);
    await tell([callback('ParticipantsUpdated', phones('+15550142'))]);
    assert.deepEqual(app.control.hungUp, [connection]);
  });
});
