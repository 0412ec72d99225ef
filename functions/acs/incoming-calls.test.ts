// Tests how incoming calls are answered: through the host, over real HTTP, however Event Grid delivers them.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { MediaTokens } from '../../shared/media-token.ts';
import { apiKey, startTestApp, type TestApp } from '../testing/test-app.ts';
import { incomingCallSchema } from './event-grid-messages.ts';
import { createInboundAcsCallId } from './incoming-calls.ts';

const now = Date.parse('2026-11-20T17:00:05Z');
const data = {
  to: { kind: 'phoneNumber', rawId: '4:+15550100', phoneNumber: { value: '+15550100' } },
  from: { kind: 'phoneNumber', rawId: '4:+15550142', phoneNumber: { value: '+15550142' } },
  serverCallId: 'c2VydmVyLWNhbGwtMQ==',
  callerDisplayName: '',
  incomingCallContext: 'context-1',
  correlationId: 'correlation-1',
};
const incoming = {
  id: 'event-1',
  topic: '/subscriptions/example',
  subject: '/caller/4:+15550142/recipient/4:+15550100',
  data,
  eventType: 'Microsoft.Communication.IncomingCall',
  dataVersion: '1.0',
  metadataVersion: '1',
  eventTime: '2026-11-20T17:00:00.2415391Z',
};
const cloudIncoming = {
  id: 'event-1',
  source: '/subscriptions/example',
  type: 'Microsoft.Communication.IncomingCall',
  time: '2026-11-20T17:00:00.2415391Z',
  specversion: '1.0',
  data,
};
const callId = createInboundAcsCallId(incomingCallSchema.parse(data));
const hooks = ['/api/incomingCall', '/api/callbacks'];
const trigger = '/runtime/webhooks/EventGrid?functionName=incomingCall';
const notification = { 'aeg-event-type': 'Notification' };

let app: TestApp;
beforeEach(async () => {
  mock.timers.enable({ apis: ['Date'], now });
  app = await startTestApp();
});
afterEach(async () => {
  mock.timers.reset();
  await app.stop();
});

describe('an incoming call', () => {
  it('is answered with the callback and the media address of this one call', async () => {
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 200);
    const [answer] = app.control.answers;
    assert.equal(answer?.incomingContext, 'context-1');
    assert.equal(answer?.callbackUrl, `https://functions.example/api/callbacks/${callId}`);
    const [, token] = answer?.mediaUrl?.match(/^wss:\/\/bridge\.example\/media\/acs\/in-[0-9a-f]{32}\/(.+)$/) ?? [];
    const { issuedAt: _, ...ticket } = await new MediaTokens('an example secret of thirty-two characters').verify(
      token!,
    );
    assert.deepEqual(ticket, { callId, carrier: 'acs', direction: 'inbound', agent: 'receptionist' });
    const { phase, remoteParty, ourNumber, carrierCallId } = (await app.find(callId))!;
    assert.deepEqual(
      [phase, remoteParty, ourNumber, carrierCallId],
      ['ringing', '+15550142', '+15550100', 'connection-1'],
    );
  });

  for (const path of hooks) {
    it(`comes by ${path} in both schemas, alone and in a batch`, async () => {
      assert.equal((await app.post(path, cloudIncoming)).status, 200);
      const second = { ...incoming, id: 'event-2', data: { ...data, correlationId: 'correlation-2' } };
      assert.equal((await app.post(path, [incoming, second])).status, 200);
      assert.equal(app.control.answers.length, 2);
    });
  }

  it('comes by the Event Grid trigger in both schemas', async () => {
    assert.equal((await app.post(trigger, [incoming], notification)).status, 202);
    assert.equal((await app.post(trigger, cloudIncoming, notification)).status, 202);
    assert.equal(app.control.answers.length, 1);
  });

  it('is answered once when it is told again, by whichever way', async () => {
    for (const path of [...hooks, '/api/incomingCall']) assert.equal((await app.post(path, [incoming])).status, 200);
    assert.equal((await app.post(trigger, [incoming], notification)).status, 202);
    assert.equal(app.control.answers.length, 1);
    assert.deepEqual(await app.facts(callId), ['call-created', 'carrier-accepted']);
  });

  it('is answered once when it is told twice at the same time, and the second is asked to come again', async () => {
    const gate = Promise.withResolvers<void>();
    app.control.hold(gate.promise);
    const both = [app.post('/api/incomingCall', [incoming]), app.post('/api/incomingCall', [incoming])];
    assert.equal((await Promise.race(both)).status, 503);
    gate.resolve();
    const statuses = (await Promise.all(both)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [200, 503]);
    assert.equal(app.control.answers.length, 1);
  });

  it('is tried again by the next delivery after ACS could not answer it', async () => {
    app.control.fail('answer', new AppError('CARRIER_UNAVAILABLE', 'busy'), new Error('a surprise'));
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 503);
    assert.equal((await app.post(trigger, [incoming], notification)).status, 500);
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 200);
    assert.equal(app.control.answers.length, 3);
    assert.equal((await app.find(callId))?.carrierCallId, 'connection-3');
  });

  it('is left alone when it is for another line than ours, as the transfer of our own agent may be', async () => {
    const colleague = { ...data.to, rawId: '4:+15550111', phoneNumber: { value: '+15550111' } };
    const user = { kind: 'communicationUser', rawId: '8:acs:resource_user', communicationUser: { id: '8:acs:user' } };
    for (const to of [colleague, user]) {
      assert.equal((await app.post('/api/incomingCall', [{ ...incoming, data: { ...data, to } }])).status, 200);
    }
    assert.equal(app.control.answers.length, 0);
    assert.equal(await app.find(callId), undefined);
  });

  it('is answered when it is for our Teams resource account, and not when it is for another', async (t) => {
    const account = '00000000-0000-4000-8000-00000000000c';
    const teams = await startTestApp({ settings: { TEAMS_RESOURCE_ACCOUNT: account } });
    t.after(() => teams.stop());
    for (const [index, [id, answers]] of [
      ['00000000-0000-4000-8000-00000000000d', 0] as const,
      [account, 1] as const,
    ].entries()) {
      const to = { kind: 'unknown', rawId: `28:orgid:${id}`, unknown: { id: `28:orgid:${id}` } };
      const event = { ...incoming, id: `teams-${index}`, data: { ...data, to } };
      assert.equal((await teams.post('/api/incomingCall', [event])).status, 200);
      assert.equal(teams.control.answers.length, answers);
    }
  });

  it('is answered by the agent of the number that was rung', async (t) => {
    const routed = await startTestApp({ settings: { AGENT_NUMBERS: '+15550111=screening' } });
    t.after(() => routed.stop());
    const to = { ...data.to, rawId: '4:+15550111', phoneNumber: { value: '+15550111' } };
    assert.equal((await routed.post('/api/incomingCall', [{ ...incoming, data: { ...data, to } }])).status, 200);
    const token = routed.control.answers[0]!.mediaUrl!.split('/').at(-1)!;
    const tokens = new MediaTokens('an example secret of thirty-two characters');
    assert.deepEqual(
      [(await tokens.verify(token)).agent, (await routed.find(callId))?.agent],
      ['screening', 'screening'],
    );
  });

  it('is answered whatever line it is for when we have no number', async (t) => {
    const anyLine = await startTestApp({ settings: { ACS_PHONE_NUMBER: '' } });
    t.after(() => anyLine.stop());
    const to = { kind: 'communicationUser', rawId: '8:acs:resource_user', communicationUser: { id: '8:acs:user' } };
    assert.equal((await anyLine.post('/api/incomingCall', [{ ...incoming, data: { ...data, to } }])).status, 200);
    assert.equal(anyLine.control.answers.length, 1);
  });

  it('is answered where only our own clock says that it rang long ago', async () => {
    assert.equal(
      (await app.post('/api/incomingCall', [{ ...incoming, eventTime: '2026-11-20T16:56:00Z' }])).status,
      200,
    );
    assert.equal(app.control.answers.length, 1);
  });

  it('is not answered where no clock can be so wrong that it still rings, and is kept as unanswered', async () => {
    const late = { ...incoming, eventTime: '2026-11-20T16:54:00Z' };
    assert.equal((await app.post('/api/incomingCall', [late])).status, 200);
    assert.equal(app.control.answers.length, 0);
    const { phase, endReason } = (await app.findKept(callId))!;
    assert.deepEqual([phase, endReason], ['ended', 'no-answer']);
  });

  it('ends as unanswered when ACS says that the caller is gone, and is not tried again', async () => {
    app.control.fail('answer', new AppError('CALL_GONE', 'too late'));
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 200);
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 200);
    assert.equal(app.control.answers.length, 1);
    assert.equal((await app.find(callId))?.endReason, 'no-answer');
  });

  it('stays alive when a try whose answer was lost had succeeded', async () => {
    app.control.fail('answer', new AppError('CARRIER_UNAVAILABLE', 'no answer'), new AppError('CALL_GONE', 'answered'));
    await app.post('/api/incomingCall', [incoming]);
    const gate = Promise.withResolvers<void>();
    app.control.hold(gate.promise);
    const second = app.post('/api/incomingCall', [incoming]);
    while (app.control.answers.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
    await app.ledger.record(callId, { type: 'carrier-accepted', carrierCallId: 'c' }, { id: 'carrier-accepted' });
    gate.resolve();
    assert.equal((await second).status, 200);
    assert.equal((await app.find(callId))?.phase, 'ringing');
  });

  it('is counted as answered even if that cannot be written down', async () => {
    const append = app.stores.stream.append.bind(app.stores.stream);
    app.stores.stream.append = (event) =>
      event.type === 'carrier-accepted' ? Promise.reject(new AppError('STORE_UNAVAILABLE', 'gone')) : append(event);
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 200);
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 503);
    assert.equal(app.control.answers.length, 1);
  });

  it('is answered while the store is away, and a repetition changes nothing', async () => {
    app.stores.leases.acquire = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'gone'));
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 200);
    assert.equal(app.control.answers.length, 1);
    app.control.answer = () => Promise.reject(new AppError('CALL_GONE', 'the context was used'));
    assert.equal((await app.post(trigger, [incoming], notification)).status, 202);
  });

  it('is asked for again when neither the store nor ACS can be reached', async () => {
    app.stores.leases.acquire = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'gone'));
    app.control.answer = () => Promise.reject(new AppError('CARRIER_UNAVAILABLE', 'gone'));
    assert.equal((await app.post('/api/incomingCall', [incoming])).status, 503);
    assert.equal((await app.post(trigger, [incoming], notification)).status, 500);
  });

  it('may come from somebody who hides the number', async () => {
    const hidden = { ...data, from: { kind: 'unknown', rawId: '4:anonymous' } };
    await app.post('/api/incomingCall', [{ ...incoming, data: hidden }]);
    assert.equal((await app.find(callId))?.remoteParty, 'anonymous');
  });
});

describe('a delivery of Event Grid', () => {
  it('is validated in its own schema', async () => {
    const validation = {
      ...incoming,
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: '512d38b6', validationUrl: 'https://example.com/validate' },
    };
    for (const path of hooks) {
      const response = await app.post(path, [validation], { 'aeg-event-type': 'SubscriptionValidation' });
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { validationResponse: '512d38b6' });
    }
  });

  it('is allowed in the CloudEvents handshake', async () => {
    for (const path of hooks) {
      const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
      const response = await fetch(`${app.url}${path}?code=${apiKey}`, { method: 'OPTIONS', headers });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('webhook-allowed-origin'), 'eventgrid.azure.net');
      assert.equal(response.headers.get('webhook-allowed-rate'), '1000');
    }
    assert.equal((await fetch(`${app.url}/api/callbacks?code=${apiKey}`, { method: 'OPTIONS' })).status, 400);
  });

  it('is refused without the key', async () => {
    for (const path of hooks) {
      assert.equal(
        (await fetch(`${app.url}${path}`, { method: 'POST', body: JSON.stringify([incoming]) })).status,
        401,
      );
    }
    assert.equal(app.control.answers.length, 0);
  });

  it('is fine when it tells of something else', async () => {
    const other = { ...incoming, eventType: 'Microsoft.Communication.CallStarted', data: {} };
    assert.equal((await app.post('/api/incomingCall', [other])).status, 200);
    assert.equal((await app.post(trigger, [other], notification)).status, 202);
  });

  it('is refused when it is no JSON, is too large, or holds wrong types, and then the wrong fields are named', async () => {
    const broken = await app.post('/api/incomingCall', '[{');
    assert.equal(broken.status, 400);
    assert.deepEqual(await broken.json(), { error: { code: 'BAD_REQUEST', message: 'the body is not JSON' } });
    const large = await app.post('/api/incomingCall', [{ ...incoming, subject: 'x'.repeat(1024 * 1024) }]);
    assert.equal(large.status, 413);
    const wrong = await app.post('/api/incomingCall', [{ ...incoming, id: 7 }]);
    assert.equal(wrong.status, 400);
    assert.match(((await wrong.json()) as { error: { message: string } }).error.message, /^\[0\]\.id: /);
    const hollow = await app.post('/api/incomingCall', [{ ...incoming, data: { ...data, incomingCallContext: 7 } }]);
    assert.equal(hollow.status, 400);
    assert.match(await hollow.text(), /incomingCallContext/);
  });

  it('loses none of its good events for a malformed one', async () => {
    assert.equal((await app.post('/api/incomingCall', [{ id: 7 }, incoming])).status, 400);
    assert.equal(app.control.answers.length, 1);
    const poisoned = await app.post(trigger, [{ ...incoming, data: {} }, 'nonsense'], notification);
    assert.equal(poisoned.status, 202);
  });
});
