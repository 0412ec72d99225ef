// What Twilio is told, and what is written down, at each turn of a call.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { HttpRequest } from '@azure/functions';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { silentLogger } from '../../shared/logger.ts';
import { MediaTokens } from '../../shared/media-token.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { MemoryBridgeLoads } from '../../shared/stores/memory-bridge-loads.ts';
import { MemoryCallHistory } from '../../shared/stores/memory-call-history.ts';
import { MemoryCallLeases } from '../../shared/stores/memory-call-leases.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { MemoryDialCounts } from '../../shared/stores/memory-dial-counts.ts';
import { placesCapName } from '../../shared/telephony/dial-places.ts';
import type { TwilioHookName } from '../../shared/telephony/twilio-twiml.ts';
import { Consultations } from '../consultations.ts';
import { createInboundTwilioCallId } from './call-names.ts';
import { createTwilioHandlers, type TwilioHandlers } from './handlers.ts';

const accountSid = 'AC000000000000000000000000000000a1';
const authToken = 'example-auth-token';
const publicUrl = 'https://agent.example';
const callSid = 'CA000000000000000000000000000000c1';
const outbound = 'call-1' as CallId;
const inbound = createInboundTwilioCallId(callSid);
const tokens = new MediaTokens('an example secret of thirty-two characters');
const agent = parseAgent(
  'receptionist.md',
  '---\nname: receptionist\nfiller: One moment.\ntransfer_targets:\n  billing: "+15550111"\n---\nBe kind.',
);

let ledger: CallLedger;
let stream: MemoryCallStream;
let dialCounts: MemoryDialCounts;
let bridgeLoads: MemoryBridgeLoads;
let hooks: TwilioHandlers;
let givenBack: string[];

beforeEach(() => setUp());

function setUp(profile = agent): void {
  givenBack = [];
  stream = new MemoryCallStream();
  ledger = new CallLedger(stream, new MemoryCallHistory());
  dialCounts = new MemoryDialCounts();
  bridgeLoads = new MemoryBridgeLoads();
  hooks = createTwilioHandlers({
    accountSid,
    authToken,
    publicUrl,
    bridgeUrl: 'wss://bridge.example',
    ledger,
    bridgeLoads,
    whenFull: 'say',
    keeper: { keep: async () => {} },
    consultations: new Consultations({ ledger, controls: new Map(), log: silentLogger }),
    giveBack: async (sid) => void givenBack.push(sid),
    leases: new MemoryCallLeases(),
    dialCounts,
    tokens,
    agents: new Map([[profile.name, profile]]),
    routing: { defaultAgent: agent.name, agentFor: (line) => (line === '+15550177' ? 'screening' : agent.name) },
    log: silentLogger,
  });
}

/** As Twilio signs it: over the public URL, whatever host the request reached. */
async function post(
  hook: TwilioHookName,
  fields: Record<string, string>,
  options: { query?: string; signature?: string } = {},
) {
  const path = `/twilio/${hook}${options.query ?? ''}`;
  const form = { AccountSid: accountSid, CallSid: callSid, ...fields };
  const hashed = Object.entries(form)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat()
    .join('');
  const signature = createHmac('sha1', authToken).update(`${publicUrl}${path}${hashed}`).digest('base64');
  const response = await hooks[hook](
    new HttpRequest({
      method: 'POST',
      url: `http://10.0.0.4:8080${path}`,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': options.signature ?? signature,
      },
      query: Object.fromEntries(new URLSearchParams(options.query)),
      body: { string: new URLSearchParams(form).toString() },
    }),
  );
  return { status: response.status, twiml: String(response.body ?? '').replace(/^<\?xml[^>]*\?>/, '') };
}

async function dialled(...facts: CallFact[]) {
  await ledger.record(outbound, {
    type: 'call-created',
    carrier: 'twilio',
    direction: 'outbound',
    remoteParty: '+15550100',
    ourNumber: '+15550199',
    agent: 'receptionist',
  });
  for (const fact of facts) await ledger.record(outbound, fact);
}
const forCall = { query: `?callId=${outbound}` };
const end = async (callId: CallId = outbound) => {
  const state = await ledger.find(callId);
  return [state?.phase, state?.endReason, state?.endCode];
};

describe('an incoming call', () => {
  it('is answered by the agent of the number that was rung', async () => {
    const { twiml } = await post('voice', { From: '+15550100', To: '+15550177', CallStatus: 'ringing' });
    const [, token] = /name="token" value="([^"]+)"/.exec(twiml)!;
    assert.deepEqual(
      [(await tokens.verify(token!)).agent, (await ledger.find(inbound))?.agent],
      ['screening', 'screening'],
    );
  });

  it('is written down and connected to the bridge, once however often it is told', async () => {
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
    const { status, twiml } = await post('voice', fields);
    await post('voice', fields);
    assert.equal(status, 200);
    const match =
      /^<Response><Connect action="https:\/\/agent\.example\/twilio\/stream-ended\?callId=([^"#]+)#[^"]+" method="POST"><Stream url="wss:\/\/bridge\.example\/ws\/media\/([^"]+)"><Parameter name="token" value="([^"]+)"\/><\/Stream><\/Connect><\/Response>$/.exec(
        twiml,
      );
    assert.ok(match, twiml);
    assert.deepEqual([match[1], match[2]], [inbound, inbound]);
    assert.ok('token'.length + match[3]!.length < 500);
    const { issuedAt: _, ...ticket } = await tokens.verify(match[3]!);
    assert.deepEqual(ticket, {
      callId: inbound,
      carrier: 'twilio',
      direction: 'inbound',
      agent: 'receptionist',
    });
    const state = await ledger.find(inbound);
    assert.deepEqual(
      [state?.version, state?.phase, state?.remoteParty, state?.ourNumber, state?.carrierCallId],
      [3, 'active', '+15550100', '+15550199', callSid],
    );
  });

  it('that the stream has forgotten is not connected again either, and its record stays as it is', async (t) => {
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
    await post('voice', fields);
    await post('status', { CallStatus: 'completed' });
    // It is in step within seconds, and the stream keeps a call for a day.
    await ledger.save(inbound);
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 25 * 3_600_000 });
    assert.deepEqual(await stream.read(inbound), []);
    const record = await ledger.find(inbound);
    assert.equal(record?.phase, 'ended');
    assert.equal((await post('voice', fields)).twiml, '<Response><Hangup/></Response>');
    assert.deepEqual([await ledger.find(inbound), await stream.read(inbound)], [record, []]);
  });

  it('that is over is not connected again, however genuine the request is', async () => {
    const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
    await post('voice', fields);
    await post('status', { CallStatus: 'completed' });
    assert.equal((await post('voice', fields)).twiml, '<Response><Hangup/></Response>');
  });

  it('ends by the status of its number, which does not name the call', async () => {
    await post('voice', { From: '+15550100', To: '+15550199' });
    assert.equal((await post('status', { CallStatus: 'completed' })).status, 204);
    assert.deepEqual(await end(inbound), ['ended', 'caller-hung-up', 'completed']);
  });
});

describe("an agent's words for whoever is connected", () => {
  const patient = parseAgent('a.md', '---\nname: receptionist\nplease_wait: Please wait.\n---\nBe kind.');

  it('are said before the first stream, and not before that of the next bridge', async () => {
    setUp(patient);
    await dialled();
    const ask = async () => (await post('twiml', { CallStatus: 'in-progress' }, forCall)).twiml;
    assert.match(await ask(), /<Say language="en-US">Please wait\.<\/Say><Connect /);
    await ledger.record(outbound, { type: 'media-started', replica: 'a' });
    assert.match(await ask(), /^<Response><Connect /);
  });
});

describe('a call for which no bridge has room', () => {
  const full = () => bridgeLoads.report({ replica: 'a', calls: 1, freePlaces: 0 }, 60_000);
  const fields = { From: '+15550100', To: '+15550199', CallStatus: 'ringing', Direction: 'inbound' };
  const words = '<Say language="en-US">All our lines are busy at the moment. Please call again later. Goodbye.</Say>';

  it('is told so when it comes in, and ends as that', async () => {
    await full();
    assert.equal((await post('voice', fields)).twiml, `<Response>${words}<Hangup/></Response>`);
    await post('status', { CallStatus: 'completed' });
    assert.deepEqual(await end(inbound), ['ended', 'bridge-full', 'completed']);
  });

  it('is told so when it was picked up, and when its first stream found none', async () => {
    await dialled();
    await full();
    assert.match((await post('twiml', { CallStatus: 'in-progress' }, forCall)).twiml, /All our lines are busy/);
    assert.equal((await ledger.find(outbound))?.askedToEnd, 'bridge-full');
  });

  it('waits for another bridge when it had one before', async () => {
    await dialled({ type: 'call-connected' }, { type: 'media-started', replica: 'a' });
    await full();
    for (const hook of ['stream-ended', 'twiml'] as const)
      assert.match((await post(hook, { CallStatus: 'in-progress' }, forCall)).twiml, /<Connect /);
  });

  it('is not answered where the agent has no words for it', async () => {
    const german = parseAgent('a.md', '---\nname: receptionist\nlanguage: de-DE\n---\nBe kind.');
    setUp(german);
    await full();
    assert.equal((await post('voice', fields)).twiml, '<Response><Reject reason="busy"/></Response>');
    await post('status', { CallStatus: 'busy' });
    assert.deepEqual(await end(inbound), ['ended', 'bridge-full', 'BRIDGE_FULL']);
  });
});

describe('a request about a call of another account', () => {
  for (const AccountSid of ['AC000000000000000000000000000000a2', '']) {
    it(`changes nothing, though Twilio signed it, when it names ${AccountSid || 'none'}`, async () => {
      await dialled();
      await assert.rejects(post('status', { AccountSid, CallStatus: 'completed' }, forCall), { status: 403 });
      assert.deepEqual(await end(), ['dialling', undefined, undefined]);
    });
  }
});

describe("a request about another call of Twilio's than the one in its URL", () => {
  const other = 'CA000000000000000000000000000000d1';
  for (const hook of ['twiml', 'status', 'amd', 'stream-ended'] as const)
    it(`changes nothing and opens nothing at ${hook}`, async () => {
      await dialled({ type: 'carrier-accepted', carrierCallId: callSid });
      const before = await ledger.find(outbound);
      const fields = {
        CallSid: other,
        CallStatus: hook === 'status' ? 'completed' : 'in-progress',
        AnsweredBy: 'human',
      };
      await assert.rejects(post(hook, fields, forCall), { code: 'FORBIDDEN', status: 403 });
      assert.deepEqual(await ledger.find(outbound), before);
    });

  it('is none where our call is the child of another', async () => {
    const fields = { From: '+15550100', To: '+15550199', ParentCallSid: other };
    await post('voice', fields);
    const { twiml } = await post('stream-ended', { ...fields, CallStatus: 'in-progress' });
    assert.match(twiml, /<Stream /);
  });
});

describe('a request that Twilio did not sign', () => {
  for (const [title, signature] of [
    ['has no signature', ''],
    ['has a wrong signature', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ] as const) {
    it(`changes nothing when it ${title}`, async () => {
      await dialled();
      await assert.rejects(post('status', { CallStatus: 'completed' }, { ...forCall, signature }), {
        code: 'FORBIDDEN',
        status: 403,
      });
      assert.deepEqual(await end(), ['dialling', undefined, undefined]);
    });
  }
});

describe('an outbound call', () => {
  it('that is named in the way of other samples is the same call', async () => {
    await dialled();
    const { twiml } = await post('twiml', { CallStatus: 'in-progress' }, { query: `?call_id=${outbound}` });
    assert.match(twiml, /<Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1">/);
    assert.equal((await ledger.find(outbound))?.phase, 'active');
  });

  it('is connected to the bridge when it is picked up', async () => {
    await dialled();
    const { twiml } = await post('twiml', { CallStatus: 'in-progress' }, forCall);
    assert.match(twiml, /<Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1">/);
    const state = await ledger.find(outbound);
    assert.deepEqual([state?.phase, state?.carrierCallId], ['active', callSid]);
  });

  it('is hung up when its end was asked for while it rang', async () => {
    await dialled({ type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' });
    const { twiml } = await post('twiml', { CallStatus: 'in-progress' }, forCall);
    assert.equal(twiml, '<Response><Hangup/></Response>');
  });

  it('gets its stream again by its SID alone', async () => {
    await dialled();
    await post('status', { CallStatus: 'initiated', SequenceNumber: '0' }, forCall);
    const { twiml } = await post('twiml', { CallStatus: 'in-progress' });
    assert.match(twiml, /\/ws\/media\/call-1"/);
  });

  it('never comes back from its end, whatever order the statuses have', async () => {
    await dialled();
    await post('status', { CallStatus: 'completed', SequenceNumber: '3' }, forCall);
    await post('status', { CallStatus: 'in-progress', SequenceNumber: '2' }, forCall);
    await post('status', { CallStatus: 'ringing', SequenceNumber: '1' }, forCall);
    await post('status', { CallStatus: 'busy', SequenceNumber: '3' }, forCall);
    assert.deepEqual(await end(), ['ended', 'caller-hung-up', 'completed']);
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
      await dialled();
      await post('status', fields, forCall);
      assert.equal((await end())[1], reason);
    });
  }

  it('ends for the reason that was asked for', async () => {
    await dialled({ type: 'hang-up-requested', by: 'agent', reason: 'voicemail' });
    await post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await end())[1], 'voicemail');
  });

  it('keeps who answered', async () => {
    await dialled();
    await post('amd', { AnsweredBy: 'machine_end_beep', MachineDetectionDuration: '3200' }, forCall);
    assert.equal((await ledger.find(outbound))?.answeredBy, 'machine');
  });

  it('is told of by an id, not by anything else in its place', async () => {
    for (const CallSid of ['', 'Robin Doe', '+15550142', 'CA01 and more']) {
      const request = post('status', { CallSid, CallStatus: 'completed' }, { query: '?callId=nobody' });
      await assert.rejects(request, { code: 'BAD_REQUEST' }, CallSid);
    }
  });

  it('does not make up a call that nobody knows', async () => {
    assert.equal((await post('status', { CallStatus: 'ringing' }, { query: '?callId=nobody' })).status, 204);
    assert.equal(await ledger.find('nobody' as CallId), undefined);
  });
});

describe('a stream that ended', () => {
  /** What Twilio asks, until it is told to hang up. Each stream of it ends at once. */
  async function resumeUntilTheEnd(t: TestContext, maxTries: number) {
    t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    const documents: string[] = [];
    let query = forCall.query;
    while (documents.length < maxTries) {
      const { twiml } = await post('stream-ended', { CallStatus: 'in-progress' }, { query });
      documents.push(twiml);
      if (twiml.includes('<Hangup/>')) break;
      query = /stream-ended(\?[^#"]+)#/.exec(twiml)![1]!.replaceAll('&amp;', '&');
      t.mock.timers.tick(Number(/<Pause length="(\d+)"\/>/.exec(twiml)?.[1] ?? 0) * 1000 + 200);
    }
    return documents;
  }

  it('is opened again, with words to the caller, for as long as another bridge may take, and not for ever', async (t) => {
    await dialled({ type: 'call-connected' });
    const documents = await resumeUntilTheEnd(t, 100);
    assert.match(documents[0]!, /^<Response><Say language="en-US">One moment\.<\/Say><Connect .*\/ws\/media\/call-1"/);
    assert.match(documents[1]!, /^<Response><Pause length="1"\/><Connect .*\/ws\/media\/call-1"/);
    assert.match(documents.at(-1)!, /^<Response><Say language="en-US">We are sorry.*<\/Say><Hangup\/><\/Response>$/);
    const waitedMs = Date.now() - 1_700_000_000_000;
    assert.ok(waitedMs >= 30_000 && waitedMs < 34_000, `${waitedMs} ms`);
    await post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await end())[1], 'media-lost');
  });

  it('is given up when bridges take the call again and again and none keeps it', async (t) => {
    await dialled({ type: 'call-connected' });
    const { findLive } = ledger;
    ledger.findLive = async (id) => ({ ...(await findLive.call(ledger, id))!, mediaAt: Date.now() });
    const documents = await resumeUntilTheEnd(t, 100);
    assert.equal(documents.length, 26);
    assert.match(documents.at(-1)!, /We are sorry/);
  });

  it('stays closed when the agent ended the call, and when the caller is gone', async () => {
    await dialled({ type: 'call-connected' });
    const gone = await post('stream-ended', { CallStatus: 'completed' }, forCall);
    assert.equal(gone.twiml, '<Response><Hangup/></Response>');
    await ledger.record(outbound, { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' });
    const ended = await post('stream-ended', { CallStatus: 'in-progress' }, forCall);
    assert.equal(ended.twiml, '<Response><Hangup/></Response>');
  });
});

describe('a room in which a caller and a person meet', () => {
  const leg = 'out-for-1' as CallId;
  const personSid = 'CA000000000000000000000000000000c3';
  const joining = async () => {
    await dialled();
    await post('status', { CallStatus: 'in-progress' }, forCall);
    await ledger.record(outbound, { type: 'consultation-started', leg, target: 'billing' });
    await ledger.record(outbound, { type: 'transfer-started', target: 'billing' });
    const created = { carrier: 'twilio', direction: 'outbound', remoteParty: '+15550111' } as const;
    await ledger.record(leg, { type: 'call-created', ...created, ourNumber: '+15550199', agent: 'receptionist' });
    await ledger.record(leg, { type: 'carrier-accepted', carrierCallId: personSid });
  };
  const enter = (sid: string) =>
    post('room-entered', { CallSid: sid, StatusCallbackEvent: 'participant-join' }, forCall);
  const alone = () => post('room-alone', { CallStatus: 'in-progress' }, forCall);

  it('has both once the caller, who is the second, is in it', async () => {
    await joining();
    await enter(personSid);
    assert.equal((await ledger.find(outbound))?.isTransferred, undefined);
    await enter(callSid);
    await enter(callSid);
    assert.equal((await ledger.find(outbound))?.isTransferred, true);
    await post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await end())[1], 'transferred');
  });

  it('keeps a caller waiting whose person is about to come', async () => {
    await joining();
    assert.match((await alone()).twiml, /<Pause length="1"\/>/);
    assert.deepEqual(givenBack, []);
  });

  it('gives a caller back whose person has gone, again and again until Twilio does it', async () => {
    await joining();
    await ledger.record(leg, { type: 'call-ended', reason: 'caller-hung-up' });
    await alone();
    await alone();
    assert.deepEqual(givenBack, [callSid, callSid]);
    const state = await ledger.find(outbound);
    assert.deepEqual([state?.phase, state?.transferFailed?.outcome], ['active', 'hung-up']);
  });
});

describe('a transfer', () => {
  const child = 'CA000000000000000000000000000000c2';
  const transferring = async () => {
    await dialled();
    await post('status', { CallStatus: 'in-progress' }, forCall);
    await post('transfer-status', {
      CallSid: child,
      ParentCallSid: callSid,
      To: '+15550111',
      CallStatus: 'initiated',
    });
  };

  it('has started when the other phone is dialled, and is told by the name of its target', async () => {
    await transferring();
    const state = await ledger.find(outbound);
    assert.deepEqual([state?.phase, state?.transferTarget], ['transferring', 'billing']);
    assert.deepEqual(await dialCounts.holders(placesCapName), [outbound], 'a call that goes on counts');
  });

  it('ends the call as transferred once the two talked', async () => {
    await transferring();
    const fields = { CallStatus: 'in-progress', DialCallStatus: 'completed', DialCallSid: child, DialBridged: 'true' };
    assert.equal((await post('transfer-ended', fields)).twiml, '<Response><Hangup/></Response>');
    await post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await end())[1], 'transferred');
  });

  it('brings the agent back when nobody answered', async () => {
    await transferring();
    const fields = { CallStatus: 'in-progress', DialCallStatus: 'no-answer', DialCallSid: child };
    assert.match(
      (await post('transfer-ended', fields)).twiml,
      /<Stream url="wss:\/\/bridge\.example\/ws\/media\/call-1">/,
    );
    assert.equal((await ledger.find(outbound))?.phase, 'active');
  });

  const childStatus = (CallStatus: string) =>
    post('transfer-status', { CallSid: child, ParentCallSid: callSid, To: '+15550111', CallStatus });
  const left = { CallStatus: 'completed', DialCallStatus: 'canceled', DialCallSid: child };
  const talked = { CallStatus: 'completed', DialCallStatus: 'completed', DialCallSid: child, DialBridged: 'true' };

  it('ends as hung up when the caller did not wait', async () => {
    await transferring();
    await post('transfer-ended', left);
    assert.deepEqual(await end(), ['ended', 'caller-hung-up', 'canceled']);
  });

  it('ends as hung up by a caller who did not wait, also when the end of the call is told first', async () => {
    await transferring();
    await post('status', { CallStatus: 'completed' }, forCall);
    await post('transfer-ended', left);
    assert.equal((await end())[1], 'caller-hung-up');
  });

  it("ends by the operator's wish when that was it, not the caller's", async () => {
    await transferring();
    await ledger.record(outbound, { type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' });
    await post('transfer-ended', left);
    assert.equal((await end())[1], 'operator-hung-up');
  });

  it('ends as transferred when the caller hangs up after it was answered, in whatever order that is told', async () => {
    await transferring();
    await childStatus('in-progress');
    await post('status', { CallStatus: 'completed' }, forCall);
    assert.equal((await end())[1], 'transferred');
  });

  it('ends as transferred also when only its end tells that the two talked', async () => {
    await transferring();
    await post('status', { CallStatus: 'completed' }, forCall);
    await post('transfer-ended', talked);
    assert.equal((await end())[1], 'transferred');
  });

  for (const late of ['initiated', 'in-progress'])
    it(`is over when it has failed: a late "${late}" changes nothing`, async () => {
      await dialled({ type: 'carrier-accepted', carrierCallId: callSid }, { type: 'call-connected' });
      await post('status', { CallStatus: 'in-progress' }, forCall);
      await post('transfer-ended', { CallStatus: 'in-progress', DialCallStatus: 'no-answer', DialCallSid: child });
      const heard: string[] = [];
      stream.subscribe(outbound, ({ type }) => void heard.push(type));
      await childStatus(late);
      const { phase, isTransferred } = (await ledger.find(outbound))!;
      assert.deepEqual([phase, isTransferred], ['active', undefined]);
      assert.ok(!heard.includes('transfer-started'), 'no bridge is told that the call was handed over');
      assert.deepEqual(await dialCounts.holders(placesCapName), []);
    });

  it('may be tried again after one that failed', async () => {
    await transferring();
    await post('transfer-ended', { CallStatus: 'in-progress', DialCallStatus: 'busy', DialCallSid: child });
    const second = 'CA000000000000000000000000000000c3';
    await post('transfer-status', {
      CallSid: second,
      ParentCallSid: callSid,
      To: '+15550111',
      CallStatus: 'initiated',
    });
    assert.equal((await ledger.find(outbound))?.phase, 'transferring');
  });
});
