// What Twilio is told, and what is written down, at each turn of a call.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { callSid, createTestHooks, forCall, inbound, outbound, type TestHooks } from './testing/test-hooks.ts';

let twilio: TestHooks;
beforeEach(() => {
  twilio = createTestHooks();
});

describe('an incoming call', () => {
  it('is answered by the agent of the number that was rung', async () => {
    const { twiml } = await twilio.post('voice', { From: '+15550100', To: '+15550177', CallStatus: 'ringing' });
    const [, token] = /name="token" value="([^"]+)"/.exec(twiml)!;
    assert.deepEqual(
      [(await twilio.tokens.verify(token!)).agent, (await twilio.ledger.find(inbound))?.agent],
      ['screening', 'screening'],
    );
  });

  it('is written down and connected to the bridge, once however often it is told', async () => {
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
    const { status, twiml } = await twilio.post('voice', fields);
    await twilio.post('voice', fields);
    assert.equal(status, 200);
    const match =
      /^<Response><Connect action="https:\/\/agent\.example\/twilio\/stream-ended\?callId=([^"#]+)#[^"]+" method="POST"><Stream url="wss:\/\/bridge\.example\/ws\/media\/([^"]+)"><Parameter name="token" value="([^"]+)"\/><\/Stream><\/Connect><\/Response>$/.exec(
        twiml,
      );
    assert.ok(match, twiml);
    assert.deepEqual([match[1], match[2]], [inbound, inbound]);
    assert.ok('token'.length + match[3]!.length < 500);
    const { issuedAt: _, ...ticket } = await twilio.tokens.verify(match[3]!);
    assert.deepEqual(ticket, {
      callId: inbound,
      carrier: 'twilio',
      direction: 'inbound',
      agent: 'receptionist',
    });
    const state = await twilio.ledger.find(inbound);
    assert.deepEqual(
      [state?.version, state?.phase, state?.remoteParty, state?.ourNumber, state?.carrierCallId],
      [3, 'active', '+15550100', '+15550199', callSid],
    );
  });

  it('that the stream has forgotten is not connected again either, and its record stays as it is', async (t) => {
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
    await twilio.post('voice', fields);
    await twilio.post('status', { CallStatus: 'completed' });
    // It is in step within seconds, and the stream keeps a call for a day.
    await twilio.ledger.save(inbound);
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * 3_600_000 });
    assert.deepEqual(await twilio.stream.read(inbound), []);
    const record = await twilio.ledger.find(inbound);
    assert.equal(record?.phase, 'ended');
    assert.equal((await twilio.post('voice', fields)).twiml, '<Response><Hangup/></Response>');
    assert.deepEqual([await twilio.ledger.find(inbound), await twilio.stream.read(inbound)], [record, []]);
  });

  it('that is over is not connected again, however genuine the request is', async () => {
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
    await twilio.post('voice', fields);
    await twilio.post('status', { CallStatus: 'completed' });
    assert.equal((await twilio.post('voice', fields)).twiml, '<Response><Hangup/></Response>');
  });

  it('ends by the status of its number, which does not name the call', async () => {
    await twilio.post('voice', { From: '+15550100', To: '+15550199' });
    assert.equal((await twilio.post('status', { CallStatus: 'completed' })).status, 204);
    assert.deepEqual(await twilio.end(inbound), ['ended', 'caller-hung-up', 'completed']);
  });
});

describe("an agent's words for whoever is connected", () => {
  const patient = parseAgent('a.md', '---\nname: receptionist\nplease_wait: Please wait.\n---\nBe kind.');

  it('are said before the first stream, and not before that of the next bridge', async () => {
    twilio = createTestHooks(patient);
    await twilio.dialled();
    const ask = async () => (await twilio.post('twiml', { CallStatus: 'in-progress' }, forCall)).twiml;
    assert.match(await ask(), /<Say language="en-US">Please wait\.<\/Say><Connect /);
    await twilio.ledger.record(outbound, { type: 'media-started', replica: 'a' });
    assert.match(await ask(), /^<Response><Connect /);
  });

  it('are said once to who calls, though the stream is asked for again before any bridge had it', async () => {
    twilio = createTestHooks(patient);
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing' };
    assert.match((await twilio.post('voice', fields)).twiml, /<Say language="en-US">Please wait\.<\/Say><Connect /);
    const again = await twilio.post('twiml', { CallStatus: 'in-progress' }, { query: `?callId=${inbound}` });
    assert.match(again.twiml, /^<Response><Connect /);
  });
});

describe('a call for which no bridge has room', () => {
  const full = () => twilio.bridgeLoads.report({ replica: 'a', calls: 1, freePlaces: 0 }, 60_000);
  const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
  const words = '<Say language="en-US">All our lines are busy at the moment. Please call again later. Goodbye.</Say>';

  it('is told so when it comes in, and ends as that', async () => {
    await full();
    assert.equal((await twilio.post('voice', fields)).twiml, `<Response>${words}<Hangup/></Response>`);
    await twilio.post('status', { CallStatus: 'completed' });
    assert.deepEqual(await twilio.end(inbound), ['ended', 'bridge-full', 'completed']);
  });

  it('is told so when it was picked up, and when its first stream found none', async () => {
    await twilio.dialled();
    await full();
    assert.match((await twilio.post('twiml', { CallStatus: 'in-progress' }, forCall)).twiml, /All our lines are busy/);
    assert.equal((await twilio.ledger.find(outbound))?.askedToEnd, 'bridge-full');
  });

  it('waits for another bridge when it had one before', async () => {
    await twilio.dialled({ type: 'call-connected' }, { type: 'media-started', replica: 'a' });
    await full();
    for (const hook of ['stream-ended', 'twiml'] as const)
      assert.match((await twilio.post(hook, { CallStatus: 'in-progress' }, forCall)).twiml, /<Connect /);
  });

  it('is not answered where the agent has no words for it', async () => {
    const german = parseAgent('a.md', '---\nname: receptionist\nlanguage: de-DE\n---\nBe kind.');
    twilio = createTestHooks(german);
    await full();
    assert.equal((await twilio.post('voice', fields)).twiml, '<Response><Reject reason="busy"/></Response>');
    await twilio.post('status', { CallStatus: 'busy' });
    assert.deepEqual(await twilio.end(inbound), ['ended', 'bridge-full', 'BRIDGE_FULL']);
  });
});

describe('a request about a call of another account', () => {
  for (const AccountSid of ['AC000000000000000000000000000000a2', '']) {
    it(`changes nothing, though Twilio signed it, when it names ${AccountSid || 'none'}`, async () => {
      await twilio.dialled();
      await assert.rejects(twilio.post('status', { AccountSid, CallStatus: 'completed' }, forCall), { status: 403 });
      assert.deepEqual(await twilio.end(), ['dialling', undefined, undefined]);
    });
  }
});

describe("a request about another call of Twilio's than the one in its URL", () => {
  const other = 'CA000000000000000000000000000000d1';
  for (const hook of ['twiml', 'status', 'amd', 'stream-ended'] as const)
    it(`changes nothing and opens nothing at ${hook}`, async () => {
      await twilio.dialled({ type: 'carrier-accepted', carrierCallId: callSid });
      const before = await twilio.ledger.find(outbound);
      const fields = {
        CallSid: other,
        CallStatus: hook === 'status' ? 'completed' : 'in-progress',
        AnsweredBy: 'human',
      };
      await assert.rejects(twilio.post(hook, fields, forCall), { code: 'FORBIDDEN', status: 403 });
      assert.deepEqual(await twilio.ledger.find(outbound), before);
    });

  it('is none where our call is the child of another', async () => {
    const fields = { From: '+15550100', To: '+15550199', ParentCallSid: other };
    await twilio.post('voice', fields);
    const { twiml } = await twilio.post('stream-ended', { ...fields, CallStatus: 'in-progress' });
    assert.match(twiml, /<Stream /);
  });
});

describe('a request that Twilio did not sign', () => {
  for (const [title, signature] of [
    ['has no signature', ''],
    ['has a wrong signature', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ] as const) {
    it(`changes nothing when it ${title}`, async () => {
      await twilio.dialled();
      await assert.rejects(twilio.post('status', { CallStatus: 'completed' }, { ...forCall, signature }), {
        code: 'FORBIDDEN',
        status: 403,
      });
      assert.deepEqual(await twilio.end(), ['dialling', undefined, undefined]);
    });
  }
});

describe('an outbound call', () => {
  it('that is named in the way of other samples is the same call', async () => {
    await twilio.dialled();
    const { twiml } = await twilio.post('twiml', { CallStatus: 'in-progress' }, { query: `?call_id=${outbound}` });
    assert.match(twiml, /<Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1">/);
    assert.equal((await twilio.ledger.find(outbound))?.phase, 'active');
  });

  it('is connected to the bridge when it is picked up', async () => {
    await twilio.dialled();
    const { twiml } = await twilio.post('twiml', { CallStatus: 'in-progress' }, forCall);
    assert.match(twiml, /<Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1">/);
    const state = await twilio.ledger.find(outbound);
    assert.deepEqual([state?.phase, state?.carrierCallId], ['active', callSid]);
  });

  it('is hung up when its end was asked for while it rang', async () => {
    await twilio.dialled({ type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' });
    const { twiml } = await twilio.post('twiml', { CallStatus: 'in-progress' }, forCall);
    assert.equal(twiml, '<Response><Hangup/></Response>');
  });

  it('gets its stream again by its SID alone', async () => {
    await twilio.dialled();
    await twilio.post('status', { CallStatus: 'initiated', SequenceNumber: '0' }, forCall);
    const { twiml } = await twilio.post('twiml', { CallStatus: 'in-progress' });
    assert.match(twiml, /\/ws\/media\/call-1"/);
  });

  it('never comes back from its end, whatever order the statuses have', async () => {
    await twilio.dialled();
    await twilio.post('status', { CallStatus: 'completed', SequenceNumber: '3' }, forCall);
    await twilio.post('status', { CallStatus: 'in-progress', SequenceNumber: '2' }, forCall);
    await twilio.post('status', { CallStatus: 'ringing', SequenceNumber: '1' }, forCall);
    await twilio.post('status', { CallStatus: 'busy', SequenceNumber: '3' }, forCall);
    assert.deepEqual(await twilio.end(), ['ended', 'caller-hung-up', 'completed']);
  });

  for (const [fields, reason] of [
    [{ CallStatus: 'busy', SipResponseCode: '486' }, 'busy'],
    [{ CallStatus: 'busy', SipResponseCode: '603' }, 'declined'],
    [{ CallStatus: 'no-answer' }, 'no-answer'],
    [{ CallStatus: 'failed', SipResponseCode: '404' }, 'invalid-number'],
    [{ CallStatus: 'failed', SipResponseCode: '603' }, 'declined'],
    [{ CallStatus: 'failed', SipResponseCode: '503' }, 'carrier-error'],
    [{ CallStatus: 'failed' }, 'carrier-error'],
    [{ CallStatus: 'canceled' }, 'failed'],
  ] as const) {
    it(`ends as ${reason} for ${Object.values(fields).join(' ')}`, async () => {
      await twilio.dialled();
      await twilio.post('status', fields, forCall);
      assert.equal((await twilio.end())[1], reason);
    });
  }

  it('ends for the reason that was asked for', async () => {
    await twilio.dialled({ type: 'hang-up-requested', by: 'agent', reason: 'voicemail' });
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await twilio.end())[1], 'voicemail');
  });

  it('keeps who answered', async () => {
    await twilio.dialled();
    await twilio.post('amd', { AnsweredBy: 'machine_end_beep', MachineDetectionDuration: '3200' }, forCall);
    assert.equal((await twilio.ledger.find(outbound))?.answeredBy, 'machine');
  });

  it('is told of by an id, not by anything else in its place', async () => {
    for (const CallSid of ['', 'Robin Doe', '+15550142', 'CA01 and more']) {
      const request = twilio.post('status', { CallSid, CallStatus: 'completed' }, { query: '?callId=nobody' });
      await assert.rejects(request, { code: 'BAD_REQUEST' }, CallSid);
    }
  });

  it('does not make up a call that nobody knows', async () => {
    assert.equal((await twilio.post('status', { CallStatus: 'ringing' }, { query: '?callId=nobody' })).status, 204);
    assert.equal(await twilio.ledger.find('nobody' as CallId), undefined);
  });
});
