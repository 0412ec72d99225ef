// The events of a call in the words of those who watch it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallId } from './call.ts';
import type { CallEvent, CallFact } from './call-event.ts';
import { formatLiveMessages, formatPartial } from './live-message.ts';

const base = { call_id: 'call-1', at: 7 };
const format = (fact: CallFact) =>
  formatLiveMessages({ ...fact, id: 'e1', callId: 'call-1' as CallId, at: 7 } as CallEvent);

describe('formatLiveMessages', () => {
  it('tells who it is before how it stands when a call begins', () => {
    const created = {
      carrier: 'acs',
      remoteParty: '+15550100',
      ourNumber: '+15550199',
      agent: 'receptionist',
    } as const;
    assert.deepEqual(format({ type: 'call-created', direction: 'inbound', ...created }), [
      { ...base, type: 'event', event: 'call-created', details: { direction: 'inbound', ...created } },
      { ...base, type: 'status', status: 'ringing' },
    ]);
    assert.deepEqual(format({ type: 'call-created', direction: 'outbound', ...created })[1], {
      ...base,
      type: 'status',
      status: 'dialling',
    });
  });

  it('tells each change of the status', () => {
    assert.deepEqual(format({ type: 'call-ringing' }), [{ ...base, type: 'status', status: 'ringing' }]);
    assert.deepEqual(format({ type: 'call-connected' }), [{ ...base, type: 'status', status: 'active' }]);
    assert.deepEqual(format({ type: 'call-ended', reason: 'busy', code: '486' }), [
      { ...base, type: 'status', status: 'ended', reason: 'busy' },
    ]);
    assert.deepEqual(format({ type: 'end-corrected', reason: 'declined', code: '603' }), [
      { ...base, type: 'status', status: 'ended', reason: 'declined' },
    ]);
  });

  it('tells the status and the story of a transfer', () => {
    assert.deepEqual(format({ type: 'transfer-started', target: 'sales' }), [
      { ...base, type: 'status', status: 'transferring' },
      { ...base, type: 'event', event: 'transfer-started', details: { target: 'sales' } },
    ]);
    assert.deepEqual(format({ type: 'transfer-failed', code: 'busy' }), [
      { ...base, type: 'status', status: 'active' },
      { ...base, type: 'event', event: 'transfer-failed', details: { code: 'busy' } },
    ]);
  });

  it('tells what is being said and what was said', () => {
    assert.deepEqual(formatPartial({ callId: 'call-1' as CallId, at: 7, role: 'agent', text: 'Go' }), {
      ...base,
      type: 'transcript',
      role: 'agent',
      text: 'Go',
      final: false,
    });
    assert.deepEqual(format({ type: 'turn-finished', role: 'agent', text: 'Good', interrupted: true }), [
      { ...base, type: 'transcript', role: 'agent', text: 'Good', final: true, interrupted: true },
    ]);
  });

  it('tells everything else as it is, without our own ids', () => {
    assert.deepEqual(
      format({ type: 'tool-called', name: 'take_note', ok: true, tookMs: 3, input: '{}', output: '{}' }),
      [{ ...base, type: 'event', event: 'tool-called', details: { name: 'take_note', ok: true, tookMs: 3 } }],
    );
  });
});
