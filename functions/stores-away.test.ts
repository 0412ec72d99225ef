// The functions while their stores are away, hang, are slow or answer late: every caller is answered, and all is written down.
import '../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callListSchema, errorSchema, healthSchema } from '../shared/api.ts';
import type { CallId } from '../shared/call/call.ts';
import type { CallFact } from '../shared/call/call-event.ts';
import { silentLogger as log } from '../shared/logger.ts';
import { createMemoryStores } from '../shared/stores/memory-stores.ts';
import { createFaultyStores, type FaultyStores } from '../shared/stores/testing/faulty-stores.ts';
import { watchStores } from '../shared/stores/watched-stores.ts';
import { incomingCallSchema } from './acs/event-grid-messages.ts';
import { createInboundAcsCallId } from './acs/incoming-calls.ts';
import { startAcsSigner } from './testing/acs-signer.ts';
import { startTestApp } from './testing/test-app.ts';
import { createInboundTwilioCallId } from './twilio/call-names.ts';

/** Whoever rings. */
const answeredWithinMs = 1000;
/** A carrier that tells what became of a call, and an operator. */
const takenWithinMs = 2000;
/** The outbox tries again after five seconds at most, the history after thirty. */
const writtenWithinMs = 60_000;

const incoming = {
  to: { kind: 'phoneNumber', rawId: '4:+15550100', phoneNumber: { value: '+15550100' } },
  from: { kind: 'phoneNumber', rawId: '4:+15550142', phoneNumber: { value: '+15550142' } },
  serverCallId: 'c2VydmVyLWNhbGwtMQ==',
  callerDisplayName: '',
  incomingCallContext: 'context-1',
  correlationId: 'correlation-1',
};
const acsCallId = createInboundAcsCallId(incomingCallSchema.parse(incoming));
const callSid = 'CA000000000000000000000000000000c1';
const twilioCallId = createInboundTwilioCallId(callSid);
const accountSid = 'AC000000000000000000000000000000a1';

type Faults = Pick<FaultyStores, 'live' | 'history'>;
const both = (state: 'away' | 'hanging' | 'mute' | 'read-only') => (faults: Faults) => {
  faults.live.become(state);
  faults.history.become(state);
};
const liveFaults: Record<string, (faults: Faults) => void> = {
  'the live store is away': ({ live }) => live.become('away'),
  'the live store hangs': ({ live }) => live.become('hanging'),
  'the live store answers late': ({ live }) => live.become('mute'),
  'the live store takes no writes': ({ live }) => live.become('read-only'),
  'both stores are away': both('away'),
  'both stores hang': both('hanging'),
};
const slowFaults: Record<string, (faults: Faults) => void> = {
  'the live store is slow': ({ live }) => Object.assign(live, { delayMs: 300 }),
};
const historyFaults: Record<string, (faults: Faults) => void> = {
  'the history is away': ({ history }) => history.become('away'),
  'the history hangs': ({ history }) => history.become('hanging'),
  'the history takes no writes': ({ history }) => history.become('read-only'),
};
const allFaults = { ...liveFaults, ...slowFaults, ...historyFaults };

async function setUp(t: TestContext, settings: Record<string, string> = {}) {
  const kept = createMemoryStores();
  const faulty = createFaultyStores(kept);
  const stores = watchStores(faulty.stores, { live: 'Redis', history: 'Cosmos DB' }, log);
  const signer = await startAcsSigner();
  const app = await startTestApp({ stores, settings: { ACS_OPENID_URL: signer.openIdUrl, ...settings } });
  t.after(async () => {
    mend();
    await app.stop();
    await signer.stop();
  });
  const mend = () => {
    for (const faults of [faulty.live, faulty.history]) {
      faults.delayMs = 0;
      faults.become('well');
    }
  };
  const soon = async (asked: Promise<Response>, what: string, withinMs = takenWithinMs): Promise<Response> => {
    const startedAt = performance.now();
    const response = await asked;
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < withinMs, `${what} took ${Math.round(tookMs)} ms`);
    return response;
  };
  const tellAcs = async (type: string, code: number, subCode: number) => {
    const event = {
      id: `${type}-1`,
      source: 'calling/callConnections/connection-1',
      type: `Microsoft.Communication.${type}`,
      data: { callConnectionId: 'connection-1', resultInformation: { code, subCode, message: '' } },
      time: '2026-11-20T17:00:16.1234567+00:00',
      specversion: '1.0',
    };
    const authorization = await signer.sign();
    return soon(app.post(`/api/callbacks/${acsCallId}`, [event], { authorization }), type);
  };
  const ringAtAcs = async () => {
    const startedAt = performance.now();
    let answeredMs = Number.POSITIVE_INFINITY;
    const { answer } = app.control;
    app.control.answer = (request) => {
      answeredMs = performance.now() - startedAt;
      return answer.call(app.control, request);
    };
    const event = {
      id: 'event-1',
      topic: '/x',
      subject: '/y',
      data: incoming,
      eventType: 'Microsoft.Communication.IncomingCall',
      dataVersion: '1.0',
      metadataVersion: '1',
      eventTime: new Date().toISOString(),
    };
    const response = await soon(app.post('/api/incomingCall', [event]), 'the delivery');
    assert.ok(answeredMs < answeredWithinMs, `answered after ${answeredMs} ms`);
    return response;
  };
  const tellTwilio = (hook: string, fields: Record<string, string>) => {
    const form = { AccountSid: accountSid, CallSid: callSid, ...fields };
    const sorted = Object.entries(form).sort(([a], [b]) => (a < b ? -1 : 1));
    const signed = `https://functions.example/twilio/${hook}${sorted.flat().join('')}`;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': createHmac('sha1', 'example-auth-token').update(signed).digest('base64'),
    };
    const withinMs = hook === 'voice' ? answeredWithinMs : takenWithinMs;
    return soon(app.post(`/twilio/${hook}`, new URLSearchParams(form).toString(), headers), hook, withinMs);
  };
  const record = async (callId: CallId) => {
    await sleep(writtenWithinMs);
    const call = await kept.history.find(callId);
    return call && [call.phase, call.endReason, call.remoteParty, call.carrierCallId];
  };
  return { ...faulty, kept, app, mend, soon, tellAcs, ringAtAcs, tellTwilio, record };
}

for (const [state, fail] of Object.entries(allFaults))
  describe(`while ${state}`, () => {
    it('a call at ACS is answered once, and its end is kept', async (t) => {
      const { app, mend, ringAtAcs, tellAcs, record, ...faults } = await setUp(t);
      fail(faults);
      assert.equal((await ringAtAcs()).status, 200);
      assert.equal(app.control.answers.length, 1);
      assert.equal((await tellAcs('CallConnected', 200, 0)).status, 200);
      assert.equal((await tellAcs('CallDisconnected', 200, 540000)).status, 200);
      mend();
      assert.deepEqual(await record(acsCallId), ['ended', 'caller-hung-up', '+15550142', 'connection-1']);
    });

    it('a call at Twilio is answered, and its end is kept', async (t) => {
      const { mend, tellTwilio, record, ...faults } = await setUp(t);
      fail(faults);
      const answer = await tellTwilio('voice', { From: '+15550142', To: '+15550101', CallStatus: 'ringing' });
      assert.match(await answer.text(), /<Stream url="wss:\/\/bridge\.example/);
      const ended = await tellTwilio('status', { From: '+15550142', To: '+15550101', CallStatus: 'completed' });
      assert.equal(ended.status, 204);
      mend();
      assert.deepEqual(await record(twilioCallId), ['ended', 'caller-hung-up', '+15550142', callSid]);
    });

    it('an operator hangs up a call that began before', async (t) => {
      const { app, mend, soon, kept, ringAtAcs, tellAcs, record, ...faults } = await setUp(t);
      await ringAtAcs();
      await tellAcs('CallConnected', 200, 0);
      await sleep(2000);
      assert.equal((await kept.history.find(acsCallId))?.phase, 'active');
      fail(faults);
      assert.equal((await soon(app.post(`/api/calls/${acsCallId}/hang-up`, ''), 'the hang-up')).status, 202);
      assert.deepEqual(app.control.hungUp, ['connection-1']);
      await tellAcs('CallDisconnected', 200, 7000);
      mend();
      assert.deepEqual((await record(acsCallId))?.slice(0, 2), ['ended', 'operator-hung-up']);
    });
  });

const order = { to: '+15550142', idempotency_key: 'order-1' };
const capped = { DIAL_MAX_PER_HOUR: '1', DIAL_QUIET_HOURS: 'none' };

for (const [state, fail] of Object.entries(liveFaults))
  it(`nobody is dialled while ${state}, and no cap is used up`, async (t) => {
    const { app, mend, ...faults } = await setUp(t, capped);
    fail(faults);
    const refused = await app.post('/api/call', order);
    assert.equal(refused.status, 503);
    assert.equal(errorSchema.parse(await refused.json()).error.code, 'STORE_UNAVAILABLE');
    assert.equal(app.control.dialled.length, 0);
    mend();
    // What hung or went on unheard is carried out now; a claim of it lapses.
    await sleep(15_000);
    assert.equal((await app.post('/api/call', order)).status, 201);
    assert.equal(app.control.dialled.length, 1);
  });

for (const [state, fail] of Object.entries(historyFaults))
  it(`a call is dialled while ${state}, with a key that is new or was used lately`, async (t) => {
    const { app, mend, record, ...faults } = await setUp(t, capped);
    fail(faults);
    const placed = await app.post('/api/call', order);
    assert.equal(placed.status, 201);
    assert.equal((await app.post('/api/call', order)).status, 200);
    assert.equal(app.control.dialled.length, 1);
    mend();
    const { call_id } = (await placed.json()) as { call_id: CallId };
    assert.deepEqual((await record(call_id))?.slice(2), ['+15550142', 'connection-1']);
  });

describe('GET /api/calls', () => {
  const created = (remoteParty: string): CallFact => ({
    type: 'call-created',
    carrier: 'acs',
    direction: 'inbound',
    remoteParty,
    ourNumber: '+15550100',
    agent: 'receptionist',
  });

  async function setUpCalls(t: TestContext) {
    const world = await setUp(t);
    const { kept, app } = world;
    for (let n = 1; n <= 3; n++) {
      const callId = `old-${n}` as CallId;
      await app.ledger.record(callId, created(`+1555010${n}`), { at: n });
      await app.ledger.save(callId);
    }
    const record = (callId: string, at: number) =>
      kept.stream.append({ ...created('+15550199'), id: 'created', callId: callId as CallId, at });
    const list = async (query = '') => {
      const response = await app.get(`/api/calls${query}`);
      if (!response.ok) return { status: response.status };
      const { calls, next, incomplete } = callListSchema.parse(await response.json());
      return { ids: calls.map(({ call_id }) => call_id), next, incomplete };
    };
    return { ...world, record, list };
  }

  it('has a call as soon as it began, in its place, page by page, though the history lacks it', async (t) => {
    const { record, list } = await setUpCalls(t);
    await record('new', 9);
    await record('between', 2.5);
    const first = await list('?limit=2');
    assert.deepEqual([first.ids, first.incomplete], [['new', 'old-3'], undefined]);
    const second = await list(`?limit=2&next=${first.next}`);
    assert.deepEqual(second.ids, ['between', 'old-2']);
    const third = await list(`?limit=2&next=${second.next}`);
    assert.deepEqual([third.ids, third.next], [['old-1'], undefined]);
  });

  it('answers from the history while the live store is away, and says so', async (t) => {
    const { list, live } = await setUpCalls(t);
    live.become('away');
    assert.deepEqual(await list(), { ids: ['old-3', 'old-2', 'old-1'], next: undefined, incomplete: 'live' });
  });

  it('has the calls of which this app was told while the live store is away', async (t) => {
    const { list, live, ringAtAcs } = await setUpCalls(t);
    live.become('away');
    await ringAtAcs();
    assert.deepEqual((await list('?limit=2')).ids, [acsCallId, 'old-3']);
  });

  it('answers from the live store while the history is away, and says so', async (t) => {
    const { list, history, record } = await setUpCalls(t);
    await record('new', 9);
    history.become('away');
    assert.deepEqual(await list('?limit=2'), { ids: ['new', 'old-3'], next: undefined, incomplete: 'history' });
  });

  it('says that it cannot while both are away', async (t) => {
    const { list, live, history } = await setUpCalls(t);
    live.become('away');
    history.become('away');
    assert.deepEqual(await list(), { status: 503 });
  });
});

it('the health of the app names what is wrong with a store, and tells what waits to be written', async (t) => {
  const { app, live, ringAtAcs, mend } = await setUp(t);
  live.become('read-only');
  await ringAtAcs();
  const ill = await fetch(`${app.url}/healthz`);
  assert.equal(ill.status, 503);
  const { status, checks, problems, backlog } = healthSchema.parse(await ill.json());
  assert.deepEqual([status, checks], ['down', { stream: 'down', leases: 'down', history: 'ok' }]);
  assert.deepEqual(problems, ['the live store is unavailable: it is read-only']);
  assert.deepEqual(backlog, { events: 2, calls: 0 });
  mend();
  await sleep(10_000);
  const well = healthSchema.parse(await (await fetch(`${app.url}/healthz`)).json());
  assert.deepEqual([well.status, well.problems, well.backlog], ['ok', [], { events: 0, calls: 0 }]);
});
