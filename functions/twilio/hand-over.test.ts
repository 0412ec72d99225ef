// What Twilio is told when a caller's stream ends, a transfer begins or comes to nothing, and a room is entered.
import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { placesCapName } from '../../shared/telephony/dial-places.ts';
import { callSid, createTestHooks, forCall, outbound, type TestHooks } from './testing/test-hooks.ts';

let twilio: TestHooks;
beforeEach(() => {
  twilio = createTestHooks();
});

describe('a stream that ended', () => {
  /** What Twilio asks, until it is told to hang up. Each stream of it ends at once. */
  async function resumeUntilTheEnd(t: TestContext, maxTries: number) {
    t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    const documents: string[] = [];
    let query = forCall.query;
    while (documents.length < maxTries) {
      const { twiml } = await twilio.post('stream-ended', { CallStatus: 'in-progress' }, { query });
      documents.push(twiml);
      if (twiml.includes('<Hangup/>')) break;
      query = /stream-ended(\?[^#"]+)#/.exec(twiml)![1]!.replaceAll('&amp;', '&');
      t.mock.timers.tick(Number(/<Pause length="(\d+)"\/>/.exec(twiml)?.[1] ?? 0) * 1000 + 200);
    }
    return documents;
  }

  it('is opened again, with words to the caller, for as long as another bridge may take, and not for ever', async (t) => {
    await twilio.dialled({ type: 'call-connected' });
    const documents = await resumeUntilTheEnd(t, 100);
    assert.match(documents[0]!, /^<Response><Say language="en-US">One moment\.<\/Say><Connect .*\/ws\/media\/call-1"/);
    assert.match(documents[1]!, /^<Response><Pause length="1"\/><Connect .*\/ws\/media\/call-1"/);
    assert.match(documents.at(-1)!, /^<Response><Say language="en-US">We are sorry.*<\/Say><Hangup\/><\/Response>$/);
    const waitedMs = Date.now() - 1_700_000_000_000;
    assert.ok(waitedMs >= 30_000 && waitedMs < 34_000, `${waitedMs} ms`);
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await twilio.end())[1], 'media-lost');
  });

  it('is given up when bridges take the call again and again and none keeps it', async (t) => {
    await twilio.dialled({ type: 'call-connected' });
    const { findLive } = twilio.ledger;
    twilio.ledger.findLive = async (id) => ({ ...(await findLive.call(twilio.ledger, id))!, mediaAt: Date.now() });
    const documents = await resumeUntilTheEnd(t, 100);
    assert.equal(documents.length, 41);
    assert.match(documents.at(-1)!, /We are sorry/);
  });

  it('stays closed when the agent ended the call, and when the caller is gone', async () => {
    await twilio.dialled({ type: 'call-connected' });
    const gone = await twilio.post('stream-ended', { CallStatus: 'completed' }, forCall);
    assert.equal(gone.twiml, '<Response><Hangup/></Response>');
    await twilio.ledger.record(outbound, { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' });
    const ended = await twilio.post('stream-ended', { CallStatus: 'in-progress' }, forCall);
    assert.equal(ended.twiml, '<Response><Hangup/></Response>');
  });
});

describe('a room in which a caller and a person meet', () => {
  const leg = 'out-for-1' as CallId;
  const personSid = 'CA000000000000000000000000000000c3';
  const joining = async () => {
    await twilio.dialled();
    await twilio.post('status', { CallStatus: 'in-progress' }, forCall);
    await twilio.ledger.record(outbound, { type: 'consultation-started', leg, target: 'billing' });
    await twilio.ledger.record(outbound, { type: 'transfer-started', target: 'billing' });
    const created = { carrier: 'twilio', direction: 'outbound', remoteParty: '+15550111' } as const;
    await twilio.ledger.record(leg, {
      type: 'call-created',
      ...created,
      ourNumber: '+15550199',
      agent: 'receptionist',
    });
    await twilio.ledger.record(leg, { type: 'carrier-accepted', carrierCallId: personSid });
  };
  const enter = (sid: string) =>
    twilio.post('room-entered', { CallSid: sid, StatusCallbackEvent: 'participant-join' }, forCall);
  const alone = () => twilio.post('room-alone', { CallStatus: 'in-progress' }, forCall);

  it('has both once the caller, who is the second, is in it', async () => {
    await joining();
    await enter(personSid);
    assert.equal((await twilio.ledger.find(outbound))?.isTransferred, undefined);
    await enter(callSid);
    await enter(callSid);
    assert.equal((await twilio.ledger.find(outbound))?.isTransferred, true);
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await twilio.end())[1], 'transferred');
  });

  it('keeps a caller waiting whose person is about to come', async () => {
    await joining();
    assert.match((await alone()).twiml, /<Pause length="1"\/>/);
    assert.deepEqual(twilio.givenBack, []);
  });

  it('gives a caller back whose person has gone, again and again until Twilio does it', async () => {
    await joining();
    await twilio.ledger.record(leg, { type: 'call-ended', reason: 'caller-hung-up' });
    await alone();
    await alone();
    assert.deepEqual(twilio.givenBack, [callSid, callSid]);
    const state = await twilio.ledger.find(outbound);
    assert.deepEqual([state?.phase, state?.transferFailed?.outcome], ['active', 'hung-up']);
  });
});

describe('a transfer', () => {
  const child = 'CA000000000000000000000000000000c2';
  const transferring = async () => {
    await twilio.dialled();
    await twilio.post('status', { CallStatus: 'in-progress' }, forCall);
    await twilio.post('transfer-status', {
      CallSid: child,
      ParentCallSid: callSid,
      To: '+15550111',
      CallStatus: 'initiated',
    });
  };

  it('has started when the other phone is dialled, and is told by the name of its target', async () => {
    await transferring();
    const state = await twilio.ledger.find(outbound);
    assert.deepEqual([state?.phase, state?.transferTarget], ['transferring', 'billing']);
    assert.deepEqual(await twilio.dialCounts.holders(placesCapName), [outbound], 'a call that goes on counts');
  });

  it('ends the call as transferred once the two talked', async () => {
    await transferring();
    const fields = { CallStatus: 'in-progress', DialCallStatus: 'completed', DialCallSid: child, DialBridged: 'true' };
    assert.equal((await twilio.post('transfer-ended', fields)).twiml, '<Response><Hangup/></Response>');
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await twilio.end())[1], 'transferred');
  });

  it('brings the agent back when nobody answered', async () => {
    await transferring();
    const fields = { CallStatus: 'in-progress', DialCallStatus: 'no-answer', DialCallSid: child };
    assert.match(
      (await twilio.post('transfer-ended', fields)).twiml,
      /<Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1">/,
    );
    assert.equal((await twilio.ledger.find(outbound))?.phase, 'active');
  });

  const childStatus = (CallStatus: string) =>
    twilio.post('transfer-status', { CallSid: child, ParentCallSid: callSid, To: '+15550111', CallStatus });
  const left = { CallStatus: 'completed', DialCallStatus: 'canceled', DialCallSid: child };
  const talked = { CallStatus: 'completed', DialCallStatus: 'completed', DialCallSid: child, DialBridged: 'true' };

  it('ends as hung up when the caller did not wait', async () => {
    await transferring();
    await twilio.post('transfer-ended', left);
    assert.deepEqual(await twilio.end(), ['ended', 'caller-hung-up', 'canceled']);
  });

  it('ends as hung up by a caller who did not wait, also when the end of the call is told first', async () => {
    await transferring();
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    await twilio.post('transfer-ended', left);
    assert.equal((await twilio.end())[1], 'caller-hung-up');
  });

  it("ends by the operator's wish when that was it, not the caller's", async () => {
    await transferring();
    await twilio.ledger.record(outbound, { type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' });
    await twilio.post('transfer-ended', left);
    assert.equal((await twilio.end())[1], 'operator-hung-up');
  });

  it('ends as transferred when the caller hangs up after it was answered, in whatever order that is told', async () => {
    await transferring();
    await childStatus('in-progress');
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await twilio.end())[1], 'transferred');
  });

  it('ends as transferred also when only its end tells that the two talked', async () => {
    await transferring();
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    await twilio.post('transfer-ended', talked);
    assert.equal((await twilio.end())[1], 'transferred');
  });

  for (const late of ['initiated', 'in-progress'])
    it(`is over when it has failed: a late "${late}" changes nothing`, async () => {
      await twilio.dialled({ type: 'carrier-accepted', carrierCallId: callSid }, { type: 'call-connected' });
      await twilio.post('status', { CallStatus: 'in-progress' }, forCall);
      await twilio.post('transfer-ended', {
        CallStatus: 'in-progress',
        DialCallStatus: 'no-answer',
        DialCallSid: child,
      });
      const heard: string[] = [];
      twilio.stream.subscribe(outbound, ({ type }) => void heard.push(type));
      await childStatus(late);
      const { phase, isTransferred } = (await twilio.ledger.find(outbound))!;
      assert.deepEqual([phase, isTransferred], ['active', undefined]);
      assert.ok(!heard.includes('transfer-started'), 'no bridge is told that the call was handed over');
      assert.deepEqual(await twilio.dialCounts.holders(placesCapName), []);
    });

  it('that is told of when the call is over keeps no place for it', async () => {
    await twilio.dialled();
    await twilio.post('status', { CallStatus: 'completed' }, forCall);
    await childStatus('initiated');
    assert.deepEqual(await twilio.dialCounts.holders(placesCapName), []);
  });

  it('may be tried again after one that failed', async () => {
    await transferring();
    await twilio.post('transfer-ended', { CallStatus: 'in-progress', DialCallStatus: 'busy', DialCallSid: child });
    const second = 'CA000000000000000000000000000000c3';
    await twilio.post('transfer-status', {
      CallSid: second,
      ParentCallSid: callSid,
      To: '+15550111',
      CallStatus: 'initiated',
    });
    assert.equal((await twilio.ledger.find(outbound))?.phase, 'transferring');
  });
});
