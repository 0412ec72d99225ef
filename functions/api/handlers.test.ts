// Tests the API of calls through the host: placing, listing and showing them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { callDetailSchema, callListSchema, errorSchema, healthSchema, placedCallSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { startTestApp, type TestApp } from '../testing/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await startTestApp();
});
afterEach(() => app.stop());

async function place(body: unknown, path = '/api/call') {
  const response = await app.post(path, body);
  const answer: unknown = await response.json();
  const call = response.ok ? placedCallSchema.parse(answer) : undefined;
  const error = response.ok ? undefined : errorSchema.parse(answer).error;
  return { status: response.status, call, error };
}

describe('POST /api/call', () => {
  it('dials, and says which call it is', async () => {
    const { status, call } = await place({ to: '+15550142' });
    assert.equal(status, 201);
    assert.deepEqual(
      { ...call, call_id: '' },
      {
        call_id: '',
        status: 'dialling',
        message: 'the call is being placed',
        number: '+15550142',
      },
    );
    const [dialled] = app.control.dialled;
    assert.deepEqual([dialled?.to, dialled?.from, dialled?.callId], ['+15550142', '+15550100', call?.call_id]);
    assert.equal(dialled?.callbackUrl, `https://functions.example/api/callbacks/${call?.call_id}`);
    assert.ok(dialled?.mediaUrl.startsWith(`wss://bridge.example/media/acs/${call?.call_id}/ey`));
    assert.deepEqual(await app.facts(call!.call_id), ['call-created', 'carrier-accepted', 'operator-acted']);
  });

  it('takes the other names of its fields, and keeps agent, model and context with the call', async () => {
    for (const [name, number] of [
      ['to', '+15550140'],
      ['number', '+15550141'],
      ['phone_number', '+15550142'],
    ] as const) {
      assert.equal((await place({ [name]: number })).call?.number, number);
    }
    const body = { number: '+1 555 0143', backend: 'cascade', agent: 'receptionist', context: { ticket: 7 } };
    const { call } = await place(body);
    const state = await app.find(call!.call_id);
    assert.deepEqual([state?.remoteParty, state?.model, state?.agent], ['+15550143', 'cascade', 'receptionist']);
    assert.deepEqual(state?.context, { ticket: 7 });
    assert.equal((await place({ phone_number: '+15550144', model: 'voice-live', backend: 'cascade' })).status, 201);
  });

  it('dials once for one key, also when both orders come at once', async () => {
    const order = { to: '+15550142', idempotency_key: 'order-7' };
    const gate = Promise.withResolvers<void>();
    app.control.hold(gate.promise);
    const both = [place(order), place(order)];
    const first = await Promise.race(both);
    gate.resolve();
    const [one, two] = await Promise.all(both);
    assert.deepEqual([one!.status, two!.status].sort(), [200, 201]);
    assert.equal(first.status, 200);
    assert.equal(one!.call?.call_id, two!.call?.call_id);
    const third = await place(order);
    assert.deepEqual([third.status, third.call?.call_id], [200, one!.call?.call_id]);
    assert.equal(app.control.dialled.length, 1);
    assert.equal((await place({ ...order, to: '+15550143' })).status, 400);
    assert.equal((await place({ ...order, idempotency_key: 'order-8' })).status, 201);
  });

  it('repeats a refusal for the same key', async () => {
    app.control.fail('dial', new AppError('CARRIER_REFUSED', 'ACS refused to dial (403)'));
    const order = { to: '+15550142', idempotency_key: 'order-7' };
    for (let i = 0; i < 2; i++) {
      const { status, error } = await place(order);
      assert.deepEqual([status, error?.code], [502, 'CARRIER_REFUSED']);
    }
    assert.equal(app.control.dialled.length, 1);
  });

  const failures = [
    ['CARRIER_REFUSED', 'refused', 502],
    ['CARRIER_UNAVAILABLE', 'carrier-error', 502],
    ['BAD_NUMBER', 'invalid-number', 400],
  ] as const;
  for (const [code, reason, status] of failures) {
    it(`ends the call as ${reason} when the carrier says ${code}`, async () => {
      app.control.fail('dial', new AppError(code, 'no'));
      const answer = await place({ to: '+15550142' });
      assert.deepEqual([answer.status, answer.error?.code], [status, code]);
      const { calls } = callListSchema.parse(await (await app.get('/api/calls')).json());
      assert.deepEqual(
        calls.map((call) => [call.status, call.end_reason, call.end_code]),
        [['ended', reason, code]],
      );
    });
  }

  it('tells nothing of an error of our own', async () => {
    app.control.fail('dial', new Error('password of the database'));
    const { status, error } = await place({ to: '+15550142' });
    assert.deepEqual([status, error], [500, { code: 'INTERNAL', message: 'something went wrong on our side' }]);
  });

  it('refuses what it cannot or may not dial, and dials nobody then', async () => {
    const refusals: [unknown, number, string][] = [
      [{}, 400, 'BAD_REQUEST'],
      [{ to: 15550142 }, 400, 'BAD_REQUEST'],
      [{ to: 'nobody' }, 400, 'BAD_NUMBER'],
      [{ to: '+442079460000' }, 403, 'DIAL_NOT_ALLOWED'],
      [{ to: '+15550142', agent: 'nobody' }, 400, 'UNKNOWN_AGENT'],
      [{ to: '+15550142', model: 'parrot' }, 400, 'BAD_REQUEST'],
      [{ to: '+15550142', context: ['list'] }, 400, 'BAD_REQUEST'],
      [`{"to":"+15550142","context":${'{"a":'.repeat(6000)}1${'}'.repeat(6000)}}`, 400, 'BAD_REQUEST'],
      [`{"to":"+15550142","unknown":${'['.repeat(6000)}${']'.repeat(6000)}}`, 400, 'BAD_REQUEST'],
      ['['.repeat(30_000) + ']'.repeat(30_000), 400, 'BAD_REQUEST'],
      [{ to: '+15550142', context: { long: 'x'.repeat(20_000) } }, 400, 'BAD_REQUEST'],
      [{ to: '+15550142', carrier: 'twilio' }, 503, 'NOT_CONFIGURED'],
      ['{', 400, 'BAD_REQUEST'],
      [{ to: 'x'.repeat(70_000) }, 413, 'BODY_TOO_LARGE'],
    ];
    for (const [body, status, code] of refusals) {
      const answer = await place(body);
      assert.deepEqual([answer.status, answer.error?.code], [status, code], JSON.stringify(body).slice(0, 80));
    }
    assert.equal(app.control.dialled.length, 0);
    assert.deepEqual(callListSchema.parse(await (await app.get('/api/calls')).json()).calls, []);
  });

  it('refuses more calls at once than the cap allows', async () => {
    await app.stop();
    app = await startTestApp({ settings: { DIAL_MAX_PARALLEL: '1' } });
    const { call } = await place({ to: '+15550142' });
    const second = await place({ to: '+15550143' });
    assert.deepEqual([second.status, second.error?.code], [429, 'DIAL_CAP_REACHED']);
    await app.ledger.record(call!.call_id as CallId, { type: 'call-ended', reason: 'no-answer' });
    assert.equal((await place({ to: '+15550143' })).status, 201);
  });

  it('wants the key', async () => {
    for (const path of ['/api/call', '/api/initiateOutboundCall', '/api/calls/x/hang-up']) {
      const response = await fetch(`${app.url}${path}`, { method: 'POST', body: '{}' });
      assert.equal(response.status, 401);
    }
    for (const path of ['/api/calls', '/api/calls/x', '/api/source-phone-number']) {
      assert.equal((await fetch(`${app.url}${path}`)).status, 401);
    }
  });

  it('names the call at Twilio', async () => {
    await app.stop();
    app = await startTestApp({ carrier: 'twilio' });
    const { call } = await place({ to: '+15550142', idempotency_key: 'k' });
    assert.equal(call?.twilio_sid, 'connection-1');
    const repeated = await place({ to: '+1 (555) 0142', idempotency_key: 'k' });
    assert.deepEqual(repeated.call, { ...call, message: 'an earlier request with this key placed this call' });
    assert.equal(app.control.dialled[0]?.from, '+15550101');
  });
});

describe('POST /api/initiateOutboundCall', () => {
  it('gives all that it does not know itself to the agent', async () => {
    const body = {
      phone_number: '+15550142',
      candidate_name: 'Robin Doe',
      job_role: 'Engineer',
      skills: ['TypeScript'],
      remote_onsight_status: 'remote',
      backend: 'voice-live',
    };
    const { status, call } = await place(body, '/api/initiateOutboundCall');
    assert.equal(status, 201);
    const state = await app.find(call!.call_id);
    assert.equal(state?.model, 'voice-live');
    assert.deepEqual(state?.context, {
      candidate_name: 'Robin Doe',
      job_role: 'Engineer',
      skills: ['TypeScript'],
      remote_onsight_status: 'remote',
    });
  });

  it('has the agent for screening call, unless told otherwise or there is none', async () => {
    const agentOf = async (body: object) => {
      const { call } = await place({ phone_number: '+15550142', ...body }, '/api/initiateOutboundCall');
      return (await app.find(call!.call_id))?.agent;
    };
    assert.equal(await agentOf({}), 'screening');
    assert.equal(await agentOf({ agent: 'receptionist' }), 'receptionist');
    const folder = mkdtempSync(join(tmpdir(), 'agents-'));
    writeFileSync(join(folder, 'clerk.md'), '---\nname: clerk\n---\nBe kind.');
    await app.stop();
    app = await startTestApp({ settings: { AGENTS_FOLDER: folder, DEFAULT_AGENT: 'clerk' } });
    assert.equal(await agentOf({}), 'clerk');
    rmSync(folder, { recursive: true });
  });

  it('bounds what it gives to the agent, and wants a number', async () => {
    const large = { phone_number: '+15550142', responsibility: 'x'.repeat(20_000) };
    assert.equal((await place(large, '/api/initiateOutboundCall')).status, 400);
    const deep = `{"phone_number":"+15550142","skills":${'['.repeat(6000)}${']'.repeat(6000)}}`;
    assert.equal((await place(deep, '/api/initiateOutboundCall')).status, 400);
    const { status, error } = await place({ candidate_name: 'Robin Doe' }, '/api/initiateOutboundCall');
    assert.deepEqual([status, error?.message], [400, 'to: is missing']);
  });
});

describe('GET /api/calls', () => {
  it('lists calls page by page, the live ones as they are now', async () => {
    for (const last of [1, 2, 3]) await place({ to: `+1555014${last}` });
    const first = callListSchema.parse(await (await app.get('/api/calls?limit=2')).json());
    assert.equal(first.calls.length, 2);
    await app.ledger.record(first.calls[0]!.call_id as CallId, { type: 'call-ringing' });
    const again = callListSchema.parse(await (await app.get('/api/calls?limit=2')).json());
    assert.equal(again.calls.find(({ call_id }) => call_id === first.calls[0]!.call_id)?.status, 'ringing');
    const second = callListSchema.parse(
      await (await app.get(`/api/calls?limit=2&next=${encodeURIComponent(first.next!)}`)).json(),
    );
    const numbers = [...first.calls, ...second.calls].map((call) => call.phone_number);
    assert.deepEqual(numbers.sort(), ['+15550141', '+15550142', '+15550143']);
  });

  it('finds calls by what they were about, the live ones as they are now', async () => {
    const { call: busy } = await place({ to: '+15550141', agent: 'receptionist' });
    await place({ to: '+15550142', agent: 'screening' });
    const callId = busy!.call_id as CallId;
    await app.ledger.record(callId, { type: 'turn-finished', role: 'caller', text: 'A Blue door', interrupted: true });
    await app.ledger.record(callId, { type: 'call-ended', reason: 'busy', code: '486' });
    const find = async (query: string) => {
      const { calls } = callListSchema.parse(await (await app.get(`/api/calls?${query}`)).json());
      return calls.map((call) => call.phone_number?.slice(-2)).join();
    };
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    assert.equal(await find('agent=receptionist'), '41');
    assert.equal(await find('end_reason=busy&outcome=pending'), '41');
    assert.equal(await find('text=blue%20DOOR'), '41');
    assert.equal(await find('status=dialling'), '42');
    assert.equal(await find('phone_number=+1 555-0142'), '42');
    assert.equal(await find(`to=${tomorrow}`), '42,41');
    assert.equal(await find(`from=${tomorrow}`), '');
    const detail = callDetailSchema.parse(await (await app.get(`/api/calls/${callId}`)).json());
    assert.deepEqual(detail.outcome, { status: 'pending', attempts: 0 });
    assert.equal(detail.turns[0]!.interrupted, true);
  });

  it('refuses a page that it never gave or will not give', async () => {
    for (const query of [
      'from=yesterday',
      'outcome=good',
      'text=a',
      'from=2026-05-02&to=2026-05-01',
      'limit=0',
      'limit=101',
      'limit=ten',
      'next=made-up',
    ]) {
      assert.equal((await app.get(`/api/calls?${query}`)).status, 400, query);
    }
  });

  it('shows one call with its turns and its outcome', async () => {
    const { call } = await place({ to: '+15550142', context: { ticket: 7 } });
    const callId = call!.call_id as CallId;
    await app.ledger.record(callId, { type: 'call-connected' }, { at: Date.parse('2026-11-20T17:00:00Z') });
    const turn = { type: 'turn-finished', role: 'agent', text: 'Hello.', interrupted: false } as const;
    await app.ledger.record(callId, turn, { at: Date.parse('2026-11-20T17:00:01Z') });
    await app.ledger.record(callId, { type: 'note-taken', text: 'Calls back.' });
    await app.ledger.record(callId, { type: 'call-ended', reason: 'caller-hung-up', code: '200/560000' });
    const detail = callDetailSchema.parse(await (await app.get(`/api/calls/${callId}`)).json());
    assert.deepEqual(
      [detail.status, detail.end_reason, detail.end_code, detail.connected_at],
      ['ended', 'caller-hung-up', '200/560000', '2026-11-20T17:00:00.000Z'],
    );
    assert.deepEqual(detail.turns, [
      { role: 'agent', text: 'Hello.', interrupted: false, at: '2026-11-20T17:00:01.000Z' },
    ]);
    assert.deepEqual([detail.notes, detail.context], [['Calls back.'], { ticket: 7 }]);
  });

  it('knows no call of another name', async () => {
    assert.equal((await app.get('/api/calls/nobody')).status, 404);
    assert.equal((await app.get('/api/calls/no%20id')).status, 404);
  });
});

describe('the rest of the API', () => {
  it('tells the number that our calls come from', async () => {
    const response = await app.get('/api/source-phone-number');
    assert.deepEqual(await response.json(), { phoneNumber: '+15550100' });
  });

  it('says without a key whether it is healthy, and what is not', async () => {
    const well = await fetch(`${app.url}/healthz`);
    assert.equal(well.status, 200);
    assert.equal(healthSchema.parse(await well.json()).status, 'ok');
  });

  it('says of what is missing what it is, once, and repeats nothing that others say', async () => {
    const problem = 'there is no database parley (COSMOS_DATABASE)';
    app.stores.stream.ping = () => Promise.reject(new Error('connect ECONNREFUSED to somebody'));
    app.stores.leases.ping = app.stores.history.ping = () =>
      Promise.reject(new AppError('STORE_UNAVAILABLE', { store: 'Cosmos DB', problem }));
    const health = healthSchema.parse(await (await fetch(`${app.url}/healthz`)).json());
    assert.deepEqual(health.problems, [`Cosmos DB is unavailable: ${problem}`]);
    assert.deepEqual(health.checks, { stream: 'down', leases: 'down', history: 'down' });
  });

  it('leaves no method open that is not its own', async () => {
    assert.equal((await app.get('/api/call')).status, 404);
    assert.equal((await app.post('/api/calls', {})).status, 404);
    assert.equal((await app.post('/healthz', {})).status, 404);
  });
});
