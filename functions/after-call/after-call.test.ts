// What follows the end of a call: its outcome, paid for once at most, and its webhook, through the app and the real chat client.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { callDetailSchema, errorSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { createFaultyStores } from '../../shared/stores/testing/faulty-stores.ts';
import { watchStores } from '../../shared/stores/watched-stores.ts';
import { placesCapName } from '../../shared/telephony/dial-places.ts';
import { openBrain } from '../../simulator/chat/brain.ts';
import { startChat } from '../../simulator/chat/chat-service.ts';
import { startTestApp, type TestAppOptions } from '../testing/test-app.ts';
import { signWebhook } from './webhook-sender.ts';

const secret = 'an example secret of a webhook';
const callId = 'in-call-1' as CallId;

/** An agent that wants everything. */
const agentFile = (webhookUrl: string) => `---
name: clerk
outcome:
  fields:
    interested: { type: yes-no, description: Whether the caller wants the job. }
    score: { type: number, min: 1, max: 10, description: How well it fits. }
    start: { type: date, description: When it could begin. }
    skills: { type: list, description: What the caller can do. }
    place: { type: choice, choices: [remote, office], description: Where. }
    reason: { type: text, description: Why. }
webhook:
  url: ${webhookUrl}
  secret: AGENT_SECRET_CLERK
  events: [call-ended, outcome-ready]
---
Be kind.`;

const conversation = [
  ['agent', 'Are you interested?'],
  ['caller', 'Yes, I would give it a 7.'],
  ['agent', 'When and where?'],
  ['caller', '2026-12-01, remote, thank you.'],
] as const;

async function startWebhook(t: TestContext, answer: (count: number) => number) {
  const requests: { headers: Record<string, unknown>; body: string; at: number }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), at: Date.now() });
      const status = answer(requests.length);
      if (status === 0) response.destroy();
      else response.writeHead(status, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, requests };
}

async function start(t: TestContext, options: TestAppOptions & { answer?: (count: number) => number } = {}) {
  const webhook = await startWebhook(t, options.answer ?? (() => 204));
  const brain = await openBrain({ phrases: [], otherwise: '' }, async () => new Int16Array(0));
  const chat = await startChat({ key: 'key', deployment: 'gpt-5.4-mini', brain });
  const folder = mkdtempSync(join(tmpdir(), 'parley-clerk-'));
  writeFileSync(join(folder, 'clerk.md'), agentFile(webhook.url));
  const app = await startTestApp({
    ...options,
    settings: {
      AGENTS_FOLDER: folder,
      DEFAULT_AGENT: 'clerk',
      AZURE_OPENAI_ENDPOINT: chat.url,
      AZURE_OPENAI_API_KEY: 'key',
      AGENT_SECRET_CLERK: secret,
      ...options.settings,
    },
  });
  t.after(async () => {
    await app.stop();
    await chat.stop();
    rmSync(folder, { recursive: true });
  });
  const show = async () => callDetailSchema.parse(await (await app.get(`/api/calls/${callId}`)).json());
  /** As a carrier and a bridge tell it; the end by functions, which see to the rest. */
  const talk = async (turns: readonly (readonly ['agent' | 'caller', string])[] = conversation) => {
    const created = { carrier: 'acs', direction: 'inbound', remoteParty: '+15550142', ourNumber: '+15550100' } as const;
    await app.ledger.record(callId, { type: 'call-created', agent: 'clerk', ...created });
    await app.ledger.record(callId, { type: 'carrier-accepted', carrierCallId: 'connection-1' });
    await app.ledger.record(callId, { type: 'call-connected' });
    for (const [role, text] of turns) {
      await pass(10);
      await app.ledger.record(callId, { type: 'turn-finished', role, text, interrupted: false });
    }
    await app.ledger.save(callId);
  };
  /** The carrier does not know the call any more: what functions are told then is its end. */
  const hangUp = async () => {
    app.control.fail('hangUp', gone());
    await app.post(`/api/calls/${callId}/hang-up`, {});
  };
  return { app, chat, webhook, show, talk, hangUp };
}

const { AppError } = await import('../../shared/errors.ts');
const gone = () => new AppError('CALL_GONE', 'it is over');

describe('the outcome of a call', () => {
  it('is found out once the call is over: typed, validated, each with the turns that say so', async (t) => {
    const { chat, show, talk, hangUp, app } = await start(t);
    await talk();
    await hangUp();
    await pass(2_000);
    const { outcome, summary, satisfaction } = await show();
    assert.deepEqual(outcome?.fields, {
      interested: { value: true, turns: [1] },
      score: { value: 7, turns: [1] },
      start: { value: '2026-12-01', turns: [3] },
      skills: { value: ['Yes', 'I would give it a 7.'], turns: [1] },
      place: { value: 'remote', turns: [3] },
      reason: { value: null, turns: [] },
    });
    assert.deepEqual([outcome?.status, outcome?.summary?.turns, satisfaction], ['done', [1, 3], 'satisfied']);
    assert.equal(summary, outcome?.summary?.value);
    assert.equal(chat.requests.length, 1);
    assert.ok((await app.find(callId))?.settledAt);
  });

  const unpaid = [
    ['is throttled', { kind: 'status', status: 429 }],
    ['breaks down', { kind: 'status', status: 503 }],
    ['has lost its deployment', { kind: 'status', status: 404 }],
  ] as const;
  for (const [name, fault] of unpaid)
    it(`is asked for again, later, when the chat service ${name}`, async (t) => {
      const { chat, show, talk, hangUp } = await start(t);
      chat.faults.next.push(fault, fault);
      await talk();
      await hangUp();
      await pass(2_000);
      assert.deepEqual([(await show()).outcome?.status, chat.requests.length], ['pending', 0]);
      await pass(15 * 60_000);
      assert.deepEqual([(await show()).outcome?.status, (await show()).outcome?.attempts], ['done', 3]);
      assert.equal(chat.requests.length, 1);
    });

  it('has failed when the chat service is away for half a day, and is found when an operator asks for it', async (t) => {
    const { chat, show, talk, hangUp, app } = await start(t);
    chat.faults.next.push(...Array.from({ length: 5 }, () => ({ kind: 'status', status: 503 }) as const));
    await talk();
    await hangUp();
    await pass(12 * 3_600_000);
    assert.deepEqual((await show()).outcome, { status: 'failed', attempts: 5, code: 'MODEL_UNAVAILABLE' });
    const asked = await app.post(`/api/calls/${callId}/outcome`, {});
    assert.equal(callDetailSchema.parse(await asked.json()).outcome?.status, 'done');
    const again = await app.post(`/api/calls/${callId}/outcome`, {});
    assert.equal(errorSchema.parse(await again.json()).error.code, 'BAD_REQUEST');
    assert.equal(chat.requests.length, 1);
  });

  const paid = [
    ['OUTCOME_CUT', { kind: 'length', afterTokens: 0 }],
    ['OUTCOME_FILTERED', { kind: 'content_filter', afterTokens: 0 }],
    ['OUTCOME_INVALID', { kind: 'empty' }],
    ['OUTCOME_INVALID', { kind: 'content', content: '{"summary":{"value":"He was nice.","turns":[9]}}' }],
    ['OUTCOME_INVALID', { kind: 'content', content: 'Sure! Here is the outcome you asked for.' }],
    ['OUTCOME_UNCERTAIN', { kind: 'broken', afterTokens: 0 }],
    ['OUTCOME_UNCERTAIN', { kind: 'stalled', afterTokens: 0 }],
  ] as const;
  for (const [code, fault] of paid)
    it(`has failed as ${code}, and is never paid for twice (${fault.kind})`, async (t) => {
      const { chat, show, talk, hangUp, app } = await start(t);
      chat.faults.next.push(fault);
      await talk();
      await hangUp();
      await pass(20 * 60_000);
      assert.deepEqual((await show()).outcome, { status: 'failed', attempts: 1, code });
      assert.equal(chat.requests.length, 1);
      assert.ok((await app.find(callId))?.settledAt);
    });

  it('is uncertain when whoever asked died before it told', async (t) => {
    const { chat, show, talk, app } = await start(t);
    await talk();
    await app.ledger.record(callId, { type: 'outcome-asked', attempt: 1 }, { id: 'outcome-asked/1' });
    await app.ledger.record(callId, { type: 'call-ended', reason: 'caller-hung-up' });
    await app.ledger.save(callId);
    await pass(5 * 60_000);
    assert.deepEqual((await show()).outcome, { status: 'failed', attempts: 1, code: 'OUTCOME_UNCERTAIN' });
    assert.equal(chat.requests.length, 0);
  });

  it('is asked for once, however often the end is told and by how many', async (t) => {
    const { chat, show, talk, app } = await start(t);
    await talk();
    await app.ledger.record(callId, { type: 'call-ended', reason: 'caller-hung-up' });
    const event = { id: 'e', eventType: 'Parley.CallEnded', subject: '', dataVersion: '1', metadataVersion: '1' };
    const tell = () =>
      app.post(
        '/runtime/webhooks/EventGrid?functionName=callEnded',
        [{ ...event, eventTime: new Date().toISOString(), topic: '/t', data: { call_id: callId } }],
        { 'aeg-event-type': 'Notification' },
      );
    const answers = await Promise.all(Array.from({ length: 5 }, tell));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
    await tell();
    assert.equal((await show()).outcome?.status, 'done');
    assert.equal(chat.requests.length, 1);
  });

  it('is none where nobody spoke', async (t) => {
    const { chat, show, talk, hangUp } = await start(t);
    await talk([['agent', 'Hello?']]);
    await hangUp();
    await pass(2_000);
    assert.deepEqual([(await show()).outcome?.status, chat.requests.length], ['none', 0]);
  });

  for (const store of ['live', 'history'] as const)
    it(`is found out once the ${store} store is back`, async (t) => {
      const faulty = createFaultyStores(createMemoryStores());
      const stores = watchStores(faulty.stores, { live: 'memory', history: 'memory' }, log);
      t.after(() => stores.close());
      const { chat, show, talk, hangUp } = await start(t, { stores });
      await talk();
      faulty[store].become('away');
      await hangUp();
      await pass(60_000);
      faulty[store].become('well');
      await pass(4 * 60_000);
      assert.equal((await show()).outcome?.status, 'done');
      assert.equal(chat.requests.length, 1);
    });
});

it('gives the place of an outbound call back, which was kept for longer because the callee was handed over', async (t) => {
  const app = await startTestApp();
  t.after(() => app.stop());
  const { dialCounts } = app.stores;
  const outbound = 'out-call-1' as CallId;
  const created = { carrier: 'acs', direction: 'outbound', remoteParty: '+15550142', ourNumber: '+15550100' } as const;
  await app.ledger.record(outbound, { type: 'call-created', agent: 'receptionist', ...created });
  await app.ledger.record(outbound, { type: 'carrier-accepted', carrierCallId: 'connection-1' });
  await app.ledger.record(outbound, { type: 'call-connected' });
  await dialCounts.hold(placesCapName, outbound, 3_600_000);
  await dialCounts.hold(placesCapName, 'out-call-2', 3_600_000);
  app.control.fail('hangUp', gone());
  await app.post(`/api/calls/${outbound}/hang-up`, {});
  await pass(5_000);
  assert.deepEqual(await dialCounts.holders(placesCapName), ['out-call-2']);
});

describe('the webhook of an agent', () => {
  it('is told of the end and of the outcome, signed', async (t) => {
    const { webhook, show, talk, hangUp } = await start(t);
    await talk();
    await hangUp();
    await pass(2_000);
    assert.deepEqual(
      webhook.requests.map(({ headers }) => [headers['parley-event'], headers['parley-delivery']]),
      [
        ['call-ended', `${callId}/call-ended`],
        ['outcome-ready', `${callId}/outcome-ready`],
      ],
    );
    for (const { headers, body, at } of webhook.requests) {
      const timestamp = String(headers['parley-timestamp']);
      assert.ok(Math.abs(Number(timestamp) * 1000 - at) < 2_000);
      assert.equal(headers['parley-signature'], signWebhook(secret, timestamp, body));
    }
    const { event, call } = JSON.parse(webhook.requests[1]!.body);
    assert.deepEqual([event, call.call_id, call.outcome.fields.score.value], ['outcome-ready', callId, 7]);
    const { deliveries } = await show();
    assert.deepEqual(
      deliveries.map((tried) => [tried.event, tried.attempt, tried.status, tried.delivered]),
      [
        ['call-ended', 1, 204, true],
        ['outcome-ready', 1, 204, true],
      ],
    );
  });

  it('is tried again, less and less often, while it is away, errs or points elsewhere', async (t) => {
    const answers = [500, 0, 302, 503];
    const { webhook, show, talk, hangUp, app } = await start(t, { answer: (count) => answers[count - 1] ?? 200 });
    await talk([['agent', 'Hello?']]);
    await hangUp();
    await pass(12 * 3_600_000);
    const { deliveries } = await show();
    assert.deepEqual(
      deliveries.map(({ status, delivered }) => [status, delivered]),
      [
        [500, false],
        [undefined, false],
        [302, false],
        [503, false],
        [200, true],
      ],
    );
    const pauses = webhook.requests.slice(1).map(({ at }, i) => at - webhook.requests[i]!.at);
    assert.deepEqual(
      pauses,
      pauses.toSorted((a, b) => a - b),
    );
    assert.ok(pauses.at(-1)! >= 3_600_000);
    assert.ok((await app.find(callId))?.settledAt);
  });

  it('is given up after six tries, and at once when it says that it is gone', async (t) => {
    for (const [status, tries] of [
      [500, 6],
      [410, 1],
    ] as const) {
      const { webhook, talk, hangUp, app } = await start(t, { answer: () => status });
      await talk([['agent', 'Hello?']]);
      await hangUp();
      await pass(9 * 3_600_000);
      assert.equal(webhook.requests.length, tries);
      assert.ok((await app.find(callId))?.settledAt);
    }
  });
});
