// How a call's events become its state: each fact by a table, any order of all of them by generated sequences.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEndReason, CallId, CallPhase, Carrier } from './call.ts';
import type { CallEvent, CallFact } from './call-event.ts';
import { applyCallEvent, type CallState, foldCallEvents, newCallState } from './call-state.ts';

const callId = 'call-1' as CallId;
const event = (fact: CallFact, at = 1000): CallEvent => ({ ...fact, id: `${fact.type}-${at}`, callId, at });

const created: CallFact = {
  type: 'call-created',
  carrier: 'acs',
  direction: 'inbound',
  remoteParty: '+15550100',
  ourNumber: '+15550199',
  agent: 'receptionist',
};
/** One of each kind. The type makes sure that none is left out. */
const facts: { [Type in CallFact['type']]: Extract<CallFact, { type: Type }> } = {
  'call-created': created,
  'carrier-accepted': { type: 'carrier-accepted', carrierCallId: 'carrier-1' },
  'call-ringing': { type: 'call-ringing' },
  'call-connected': { type: 'call-connected' },
  'media-started': { type: 'media-started', replica: 'bridge-1' },
  'media-stopped': { type: 'media-stopped', replica: 'bridge-1', clean: false },
  'agent-pinned': { type: 'agent-pinned', agent: 'receptionist', hash: '0123456789abcdef' },
  'model-opened': { type: 'model-opened', model: 'voice-live', tookMs: 80 },
  'model-lost': { type: 'model-lost', model: 'voice-live', code: 'MODEL_UNAVAILABLE' },
  'turn-finished': { type: 'turn-finished', role: 'caller', text: 'Hello?', interrupted: false },
  'reply-timed': { type: 'reply-timed', latencyMs: 700 },
  'agent-interrupted': { type: 'agent-interrupted', heardMs: 400, stopMs: 60 },
  backchannel: { type: 'backchannel', sound: 'words', text: 'mm-hm', lengthMs: 400, pausedMs: 0 },
  'dtmf-received': { type: 'dtmf-received', digit: '#' },
  'keys-asked': { type: 'keys-asked', question: 'account', sensitive: true },
  'keys-entered': { type: 'keys-entered', question: 'account', count: 6 },
  'tool-called': { type: 'tool-called', name: 'take_note', ok: true, tookMs: 3 },
  'tool-asked': { type: 'tool-asked', toolCallId: 'tool-1', name: 'take_note', input: '{}' },
  'tool-answered': { type: 'tool-answered', toolCallId: 'tool-1' },
  'note-taken': { type: 'note-taken', text: 'call back' },
  'answer-recorded': { type: 'answer-recorded', question: 'start', answer: 'in March', score: 4 },
  'callback-scheduled': { type: 'callback-scheduled', dueAt: 5_000, about: 'the offer' },
  'answered-by': { type: 'answered-by', answeredBy: 'machine' },
  'hang-up-requested': { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' },
  'operator-acted': { type: 'operator-acted', action: 'hung-up', who: 'API key' },
  'transfer-requested': { type: 'transfer-requested', target: 'desk' },
  'consultation-started': { type: 'consultation-started', leg: 'out-for-1' as CallId, target: 'desk' },
  'consultation-decided': { type: 'consultation-decided', accepted: true },
  'transfer-started': { type: 'transfer-started', target: 'desk' },
  'transfer-answered': { type: 'transfer-answered' },
  'transfer-failed': { type: 'transfer-failed', code: '486' },
  'recording-consent': { type: 'recording-consent', given: true, how: 'asked' },
  'recording-started': { type: 'recording-started', recordingId: 'recording-1' },
  'recording-paused': { type: 'recording-paused' },
  'recording-resumed': { type: 'recording-resumed' },
  'recording-stopped': { type: 'recording-stopped' },
  'recording-failed': { type: 'recording-failed', code: 'CARRIER_REFUSED' },
  'recording-kept': {
    type: 'recording-kept',
    recordingId: 'recording-1',
    file: { name: 'call-1/0.wav', part: 0, bytes: 44 },
    until: 9000,
  },
  'recording-expired': { type: 'recording-expired' },
  'recording-removed': { type: 'recording-removed' },
  'transfer-ordered': { type: 'transfer-ordered', target: 'sales', brief: 'A chair.' },
  'recording-overdue': { type: 'recording-overdue' },
  'recording-missing': { type: 'recording-missing' },
  'outcome-asked': { type: 'outcome-asked', attempt: 1 },
  'outcome-ready': {
    type: 'outcome-ready',
    attempt: 1,
    outcome: {
      summary: { value: 'Asked to be called back.', turns: [1] },
      satisfaction: { value: 'satisfied', turns: [1] },
      nextAction: { value: null, turns: [] },
      fields: {},
    },
  },
  'outcome-failed': { type: 'outcome-failed', attempt: 1, code: 'MODEL_UNAVAILABLE', isFinal: false },
  'outcome-skipped': { type: 'outcome-skipped' },
  'webhook-tried': { type: 'webhook-tried', event: 'call-ended', attempt: 1, tookMs: 12, status: 200, delivered: true },
  'notes-done': { type: 'notes-done' },
  'call-settled': { type: 'call-settled' },
  'call-ended': { type: 'call-ended', reason: 'caller-hung-up', code: '200' },
  'end-corrected': { type: 'end-corrected', reason: 'caller-hung-up', code: '200' },
};

describe('the phase', () => {
  const phases: readonly CallPhase[] = ['dialling', 'ringing', 'active', 'transferring', 'ended'];
  /** What each fact makes of each phase, in the order of `phases`; facts that are not here leave it as it is. */
  const table: Partial<Record<CallFact['type'], readonly CallPhase[]>> = {
    'call-created': ['ringing', 'ringing', 'active', 'transferring', 'ended'],
    'call-ringing': ['ringing', 'ringing', 'active', 'transferring', 'ended'],
    'call-connected': ['active', 'active', 'active', 'transferring', 'ended'],
    'media-started': ['active', 'active', 'active', 'transferring', 'ended'],
    'transfer-started': ['transferring', 'transferring', 'transferring', 'transferring', 'ended'],
    'transfer-failed': ['active', 'active', 'active', 'active', 'ended'],
    'call-ended': ['ended', 'ended', 'ended', 'ended', 'ended'],
    'end-corrected': ['ended', 'ended', 'ended', 'ended', 'ended'],
  };
  for (const fact of Object.values(facts))
    it(`after ${fact.type}`, () => {
      const after = phases.map((phase) => applyCallEvent({ ...newCallState(callId), phase }, event(fact)).phase);
      assert.deepEqual(after, table[fact.type] ?? phases);
    });

  it('of an outbound call is dialling until a phone rings', () => {
    const outbound = foldCallEvents(callId, [event({ ...created, direction: 'outbound' })]);
    assert.equal(outbound.phase, 'dialling');
  });
});

describe('the state', () => {
  it('has the turns in the order in which they were spoken, however late one is written down', () => {
    const said = (text: string, at: number) => event({ ...facts['turn-finished'], text }, at);
    const { turns } = foldCallEvents(callId, [said('one', 1), said('three', 3), said('two', 2), said('three too', 3)]);
    assert.deepEqual(
      turns.map(({ text }) => text),
      ['one', 'two', 'three', 'three too'],
    );
  });

  it('tells the whole of a call', () => {
    const model = 'gpt-realtime' as const;
    const events = [
      event({ ...created, model, context: { order: 12 } }, 1000),
      event(facts['carrier-accepted'], 1001),
      event(facts['call-connected'], 1002),
      event(facts['media-started'], 1003),
      event({ type: 'model-opened', model: 'voice-live', tookMs: 1 }, 1004),
      event(facts['turn-finished'], 1005),
      event({ type: 'turn-finished', role: 'agent', text: 'Good mor', interrupted: true }, 1006),
      event(facts['note-taken'], 1007),
      event(facts['hang-up-requested'], 1008),
      event({ type: 'call-ended', reason: 'agent-hung-up', code: '200' }, 1009),
      event(facts['media-stopped'], 1010),
    ];
    assert.deepEqual(foldCallEvents(callId, events), {
      callId,
      version: 11,
      phase: 'ended',
      carrier: 'acs',
      direction: 'inbound',
      remoteParty: '+15550100',
      ourNumber: '+15550199',
      agent: 'receptionist',
      model: 'voice-live',
      modelAt: 1004,
      context: { order: 12 },
      carrierCallId: 'carrier-1',
      replica: undefined,
      mediaAt: 1003,
      handedOver: undefined,
      handedOverAt: undefined,
      createdAt: 1000,
      connectedAt: 1002,
      endedAt: 1009,
      endReason: 'agent-hung-up',
      endCode: '200',
      askedToEnd: 'agent-hung-up',
      askedToEndAt: 1008,
      outcome: { status: 'pending', attempts: 0 },
      turns: [
        { role: 'caller', text: 'Hello?', interrupted: false, at: 1005 },
        { role: 'agent', text: 'Good mor', interrupted: true, at: 1006 },
      ],
      notes: ['call back'],
    });
  });

  it('keeps the first end, the first wish to end and the first connection', () => {
    const state = foldCallEvents(callId, [
      event(facts['call-connected'], 1),
      event(facts['call-connected'], 2),
      event({ type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' }, 3),
      event({ type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' }, 4),
      event({ type: 'call-ended', reason: 'operator-hung-up' }, 5),
      event({ type: 'call-ended', reason: 'failed', code: '500' }, 6),
    ]);
    assert.equal(state.connectedAt, 1);
    assert.equal(state.askedToEnd, 'operator-hung-up');
    assert.equal(state.endReason, 'operator-hung-up');
    assert.equal(state.endCode, undefined);
    assert.equal(state.endedAt, 5);
  });

  it('takes what is told of the end for a guess, whichever comes first, and one end for another never', () => {
    const guess = event({ type: 'call-ended', reason: 'media-lost', code: 'END_NOT_TOLD', isGuess: true }, 90);
    const told = event({ type: 'call-ended', reason: 'caller-hung-up', code: '200/0' }, 80);
    const corrected = event({ type: 'end-corrected', reason: 'caller-hung-up', code: '200/0' }, 80);
    const endOf = (...events: CallEvent[]) => {
      const { phase, endReason, endCode, endedAt, isEndGuessed } = foldCallEvents(callId, events);
      return [phase, endReason, endCode, endedAt, isEndGuessed];
    };
    assert.deepEqual(endOf(guess), ['ended', 'media-lost', 'END_NOT_TOLD', 90, true]);
    const inTruth = ['ended', 'caller-hung-up', '200/0', 80, undefined];
    // The stream holds one end and its correction; what was kept without it may bring the end that was told.
    for (const order of [
      [guess, corrected],
      [corrected, guess],
      [guess, told],
      [told, guess],
      [told, corrected],
    ])
      assert.deepEqual(endOf(...order), inTruth);
    const other = event({ type: 'end-corrected', reason: 'failed' }, 85);
    assert.deepEqual(endOf(guess, corrected, other), inTruth);
    assert.deepEqual(endOf(told, other), inTruth);
    const settled = foldCallEvents(callId, [guess, event(facts['call-settled'], 95), corrected]);
    assert.equal(settled.settledAt, undefined);
  });

  it('explains a guessed end by who is told to have asked for it before, or to have taken the call over', () => {
    const asked = event(facts['hang-up-requested'], 70);
    const taken = [event(facts['transfer-started'], 60), event(facts['transfer-answered'], 65)];
    for (const reason of ['media-lost', 'caller-hung-up'] as const) {
      const guess = event({ type: 'call-ended', reason, isGuess: true }, 90);
      for (const [why, ...events] of [
        ['agent-hung-up', guess, asked],
        ['transferred', guess, ...taken],
        ['transferred', ...taken, guess],
      ] as const)
        assert.equal(foldCallEvents(callId, [event(created, 0), ...events]).endReason, why);
    }
    const busy = event({ type: 'call-ended', reason: 'busy', isGuess: true }, 90);
    assert.equal(foldCallEvents(callId, [event(created, 0), busy, asked]).endReason, 'busy');
  });

  it('learns who wanted the end after the end, and takes nothing back that is known', () => {
    const asked = event({ type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' }, 4);
    const endedAs = (...reasons: readonly CallEndReason[]) =>
      foldCallEvents(callId, [...reasons.map((reason, i) => event({ type: 'call-ended', reason }, i)), asked])
        .endReason;
    assert.equal(endedAs('agent-hung-up'), 'operator-hung-up');
    assert.equal(endedAs('caller-hung-up'), 'caller-hung-up');
    const byAgent = event(facts['hang-up-requested'], 1);
    const ended = event({ type: 'call-ended', reason: 'agent-hung-up' }, 2);
    assert.equal(foldCallEvents(callId, [byAgent, ended, asked]).endReason, 'agent-hung-up');
  });

  it('learns that the agent hung up at a carrier that does not say who did, where a store was away meanwhile', () => {
    const asked = event(facts['hang-up-requested'], 5);
    const endedAs = (carrier: Carrier, endedAt: number) => {
      const end = [asked, event({ type: 'call-ended', reason: 'caller-hung-up' }, endedAt)];
      const [reason, reversed] = [end, end.toReversed()].map(
        (order) => foldCallEvents(callId, [event({ ...created, carrier }, 0), ...order]).endReason,
      );
      assert.equal(reason, reversed);
      return reason;
    };
    assert.equal(endedAs('twilio', 6), 'agent-hung-up');
    // By a functions host whose clock is wrong: the bridge, which asked, saw the media stop after it.
    const media = [
      event(facts['media-started'], 1),
      event({ type: 'media-stopped', replica: 'bridge-1', clean: true }, 7),
    ] as const;
    const told = event({ type: 'call-ended', reason: 'caller-hung-up' }, 4);
    const twilio = [event({ ...created, carrier: 'twilio' }, 0), media[0]];
    for (const order of [
      [asked, media[1], told],
      [told, asked, media[1]],
      [media[1], told, asked],
    ])
      assert.equal(foldCallEvents(callId, [...twilio, ...order]).endReason, 'agent-hung-up');
    // The caller was first, or the carrier knows.
    assert.equal(endedAs('twilio', 4), 'caller-hung-up');
    assert.equal(endedAs('acs', 6), 'caller-hung-up');
  });

  it('keeps the replica that took over when the one before is told gone late', () => {
    const state = foldCallEvents(callId, [
      event({ type: 'media-started', replica: 'bridge-1' }),
      event({ type: 'media-started', replica: 'bridge-2' }),
      event({ type: 'media-stopped', replica: 'bridge-1', clean: false }),
    ]);
    assert.equal(state.replica, 'bridge-2');
  });

  it('keeps the model that speaks when the creation is told late', () => {
    const state = foldCallEvents(callId, [event(facts['model-opened']), event({ ...created, model: 'cascade' })]);
    assert.equal(state.model, 'voice-live');
  });

  it('keeps who answered when another listener could not tell', () => {
    const unknown = event({ type: 'answered-by', answeredBy: 'unknown' });
    assert.equal(foldCallEvents(callId, [unknown]).answeredBy, 'unknown');
    assert.equal(foldCallEvents(callId, [unknown, event(facts['answered-by']), unknown]).answeredBy, 'machine');
    const person = event({ type: 'answered-by', answeredBy: 'person' });
    assert.equal(foldCallEvents(callId, [event(facts['answered-by']), person]).answeredBy, 'person');
  });

  it('knows that somebody took the call over, unless that transfer came to nothing before', () => {
    const [started, answered, failed] = (['transfer-started', 'transfer-answered', 'transfer-failed'] as const).map(
      (type) => event(facts[type]),
    ) as [CallEvent, CallEvent, CallEvent];
    assert.equal(foldCallEvents(callId, [started, answered]).isTransferred, true);
    assert.equal(foldCallEvents(callId, [started, failed, answered]).isTransferred, undefined);
  });

  it('calls the end of our leg a transfer also when it is told last who took the call over', () => {
    const [started, answered] = [event(facts['transfer-started']), event(facts['transfer-answered'])];
    const reasonOf = (...events: CallEvent[]) => foldCallEvents(callId, events).endReason;
    for (const reason of ['caller-hung-up', 'agent-hung-up'] as const)
      assert.equal(reasonOf(started, event({ type: 'call-ended', reason }), answered), 'transferred');
    assert.equal(reasonOf(started, event({ type: 'call-ended', reason: 'media-lost' }), answered), 'media-lost');
    const asked = event({ type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' });
    const ended = event({ type: 'call-ended', reason: 'operator-hung-up' });
    assert.equal(reasonOf(started, asked, ended, answered), 'operator-hung-up');
  });

  it('forgets the target of a transfer that failed', () => {
    const state = foldCallEvents(callId, [event(facts['transfer-started']), event(facts['transfer-failed'])]);
    assert.equal(state.transferTarget, undefined);
  });
});

it('folds any order of any events, changes nothing it was given, and never leaves the end', () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const kinds = Object.values(facts);
  for (let run = 0; run < 500; run++) {
    let state: CallState = newCallState(callId);
    const events = Array.from({ length: 40 }, (_, at) => event(kinds[random(kinds.length)]!, at));
    for (const [index, next] of events.entries()) {
      const before = Object.freeze({ ...state, turns: Object.freeze(state.turns), notes: Object.freeze(state.notes) });
      state = applyCallEvent(before, next);
      assert.equal(state.version, index + 1);
      if (before.phase !== 'ended') continue;
      const { phase, endReason, endCode, endedAt } = state;
      assert.deepEqual([phase, endCode, endedAt], ['ended', '200', before.endedAt]);
      const reason = next.type === 'transfer-answered' && endReason === 'transferred' ? endReason : before.endReason;
      assert.equal(endReason, reason);
    }
    assert.deepEqual(foldCallEvents(callId, events), state);
    assert.equal(state.turns.length, events.filter(({ type }) => type === 'turn-finished').length);
  }
});

it('tolerates an event of a kind that a later version may bring', () => {
  const later = { type: 'call-recorded', id: 'x', callId, at: 1 } as unknown as CallEvent;
  const state = foldCallEvents(callId, [event(created), later]);
  assert.equal(state.phase, 'ringing');
  assert.equal(state.version, 2);
});
