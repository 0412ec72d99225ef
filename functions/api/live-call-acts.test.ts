// Tests what operators do to live calls through the API: hang up, hand over.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { placedCallSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { startTestApp, type TestApp } from '../testing/test-app.ts';

let app: TestApp;
beforeEach(async () => {
  app = await startTestApp();
});
afterEach(() => app.stop());

async function place(): Promise<string> {
  const response = await app.post('/api/call', { to: '+15550142' });
  return placedCallSchema.parse(await response.json()).call_id;
}

describe('POST /api/calls/{callId}/hang-up', () => {
  const hangUp = (callId: string) => app.post(`/api/calls/${callId}/hang-up`, '');

  it('has the carrier end the call, for the reason that an operator wanted it', async () => {
    const callId = await place();
    const response = await hangUp(callId);
    assert.deepEqual([response.status, await response.json()], [202, { call_id: callId, status: 'ending' }]);
    assert.deepEqual(app.control.hungUp, ['connection-1']);
    assert.equal((await app.find(callId))?.askedToEnd, 'operator-hung-up');
  });

  it('ends a call whose end was lost on its way', async () => {
    const callId = await place();
    app.control.fail('hangUp', new AppError('CALL_GONE', 'over'));
    assert.equal((await hangUp(callId)).status, 202);
    assert.equal((await app.find(callId))?.endReason, 'operator-hung-up');
    assert.equal((await hangUp(callId)).status, 410);
  });

  it('finds no unknown call, and waits for the carrier to take a new one', async () => {
    assert.equal((await hangUp('nobody')).status, 404);
    const created = {
      carrier: 'acs',
      direction: 'outbound',
      remoteParty: '+15550142',
      ourNumber: '+15550100',
      agent: 'a',
    } as const;
    await app.ledger.record('new' as CallId, { type: 'call-created', ...created });
    assert.equal((await hangUp('new')).status, 409);
  });
});

describe('POST /api/calls/{callId}/transfer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'agents-'));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'clerk.md'),
    [
      '---',
      'name: clerk',
      'transfer_targets:',
      "  billing: '+15550111'",
      "  colleague: '8:orgid:00000000-0000-4000-8000-000000000002'",
      "  abroad: '4:+442079460000'",
      '---',
      'Be kind.',
    ].join('\n'),
  );
  let callId: CallId;
  const transfer = (target: unknown, id: string = callId) => app.post(`/api/calls/${id}/transfer`, { target });
  beforeEach(async () => {
    await app.stop();
    app = await startTestApp({ settings: { AGENTS_FOLDER: folder, DEFAULT_AGENT: 'clerk' } });
    callId = (await place()) as CallId;
    await app.ledger.record(callId, { type: 'call-connected' });
  });

  it('hands over to a target by its name', async () => {
    const response = await transfer('billing');
    assert.deepEqual([response.status, await response.json()], [202, { call_id: callId, status: 'transferring' }]);
    assert.equal((await transfer('colleague')).status, 202);
    assert.deepEqual(app.control.transfers, [
      ['connection-1', '+15550111', '+15550100'],
      ['connection-1', '8:orgid:00000000-0000-4000-8000-000000000002', '+15550100'],
    ]);
  });

  it('hands over to nobody else, nor to whom the dial guard forbids', async () => {
    for (const target of ['+15550111', 'toString', '', 7]) assert.equal((await transfer(target)).status, 400);
    assert.equal((await transfer('abroad')).status, 403);
    assert.deepEqual(app.control.transfers, []);
    assert.ok(!(await app.facts(callId)).includes('transfer-requested'));
  });

  it('has the agent ask first where that is wanted, if a bridge has the caller and the dial guard allows it', async () => {
    const warm = (target: string) =>
      app.post(`/api/calls/${callId}/transfer`, { target, handover: 'warm', brief: 'About a chair.' });
    assert.equal((await warm('billing')).status, 409, 'nobody serves the call');
    await app.ledger.record(callId, { type: 'media-started', replica: 'one' });
    assert.equal((await warm('abroad')).status, 403);
    assert.equal((await warm('billing')).status, 202);
    assert.deepEqual(app.control.transfers, []);
    assert.deepEqual(
      (await app.facts(callId)).filter((fact) => fact.startsWith('transfer-')),
      ['transfer-ordered'],
    );
    await app.post(`/api/calls/${callId}/hang-up`, '');
    assert.equal((await warm('billing')).status, 409, 'the call is about to end');
  });

  it('asks nobody for a caller of whom somebody is asked already', async () => {
    const warm = (target: string) => app.post(`/api/calls/${callId}/transfer`, { target, handover: 'warm' });
    await app.ledger.record(callId, { type: 'media-started', replica: 'one' });
    await app.ledger.record(callId, { type: 'consultation-started', leg: 'out-for-1' as CallId, target: 'billing' });
    assert.equal((await warm('billing')).status, 409, 'somebody is asked already');
  });

  it('notes that the carrier would not', async () => {
    app.control.fail('transfer', new AppError('CARRIER_REFUSED', 'no'));
    assert.equal((await transfer('billing')).status, 502);
    assert.deepEqual((await app.facts(callId)).slice(-2), ['transfer-requested', 'transfer-failed']);
  });

  it('wants a call that is going on', async () => {
    assert.equal((await transfer('billing', 'nobody')).status, 404);
    await app.ledger.record(callId, { type: 'call-ended', reason: 'caller-hung-up' });
    assert.equal((await transfer('billing')).status, 410);
  });
});
