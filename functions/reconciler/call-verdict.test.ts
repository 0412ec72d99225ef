// Tests, case by case, what is done about a call by what is known of it here and at its carrier.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import type { CarrierCall } from '../../shared/telephony/call-control.ts';
import { chooseQuestion, judgeCall, type KnownCall } from './call-verdict.ts';

const now = 1_000_000;
/** Seconds since the last event. */
function know(quiet: number, state: Partial<CallState>, held: Partial<KnownCall> = {}): KnownCall {
  const known: CallState = {
    ...newCallState('call-1' as CallId),
    phase: 'active',
    carrierCallId: 'c-1',
    createdAt: now - quiet * 1000,
    ...state,
  };
  return {
    state: known,
    lastEventAt: now - quiet * 1000,
    isHeld: false,
    hasLivingBridge: false,
    isWatched: true,
    ...held,
  };
}

describe('a call', () => {
  const unnamed = { carrierCallId: undefined, phase: 'dialling' } as const;
  const asked = { askedToEnd: 'agent-hung-up' } as const;
  for (const [what, known, question] of [
    ['that has ended', know(9999, { phase: 'ended' }), undefined],
    ['that a bridge serves', know(9999, {}, { isHeld: true }), undefined],
    ['that changed lately', know(29, {}), undefined],
    ['that nobody serves and nothing was heard of', know(30, {}), 'ask'],
    ['that rings', know(30, { phase: 'ringing' }), 'ask'],
    ['that was handed over', know(30, { phase: 'transferring' }), 'ask'],
    ['that is being ended', know(9, asked), undefined],
    ['that should be over', know(10, asked), 'ask'],
    ['that should be over, though a bridge has it still', know(10, asked, { isHeld: true }), 'ask'],
    ['that should be over, and whose caller presses keys', know(1, asked, { askedToEndAt: now - 10_000 }), 'ask'],
    ['that may be dialled', know(119, { ...unnamed, direction: 'outbound' }), undefined],
    ['that was dialled, and no word came of it', know(120, { ...unnamed, direction: 'outbound' }), 'close-unheard-of'],
    [
      'that is served before its carrier named it',
      know(120, { ...unnamed, direction: 'outbound' }, { isHeld: true }),
      undefined,
    ],
    ['that may be answered', know(59, { ...unnamed, direction: 'inbound' }), undefined],
    ['that came in and was not answered', know(60, { ...unnamed, direction: 'inbound' }), 'close-unheard-of'],
  ] as const) {
    it(`${what}: ${question ?? 'nothing'}`, () => assert.equal(chooseQuestion(known, now), question));
  }
});

describe('a call about which its carrier was asked', () => {
  const over: CarrierCall = { phase: 'over' };
  const ringing: CarrierCall = { phase: 'ringing' };
  const connected: CarrierCall = { phase: 'connected' };
  const withMedia: CarrierCall = { phase: 'connected', hasMedia: true };
  const withoutMedia: CarrierCall = { phase: 'connected', hasMedia: false };
  const asked = { askedToEnd: 'agent-hung-up' } as const;
  const joining = { phase: 'transferring', consultation: { leg: 'out-for-1' as CallId, target: 'desk' } } as const;
  for (const [what, known, carrier, verdict] of [
    ['is over', know(30, {}), over, 'close'],
    ['is over, and whose bridge lives and may tell why', know(89, {}, { hasLivingBridge: true }), over, 'leave'],
    ['is over, and whose bridge has told nothing', know(90, {}, { hasLivingBridge: true }), over, 'close'],
    ['is over, as its bridge wanted', know(10, asked, { hasLivingBridge: true }), over, 'close'],
    ['is over, as it should be', know(10, asked), over, 'close'],
    ['goes on and should be over', know(10, asked), withMedia, 'hang-up'],
    ['rings and should be over', know(10, asked), ringing, 'hang-up'],
    ['was handed over and goes on', know(9999, { phase: 'transferring' }), connected, 'leave'],
    [
      'is about to be joined with a person, and its bridge lives',
      know(45, joining, { isHeld: true }),
      withMedia,
      'leave',
    ],
    ['was to be joined with a person, and has neither', know(45, joining), withoutMedia, 'resume'],
    ['rings', know(9999, { phase: 'ringing' }), ringing, 'leave'],
    ['has its media', know(9999, {}), withMedia, 'leave'],
    ['lost its media a moment ago', know(44, {}), withoutMedia, 'leave'],
    ['lost its media', know(45, {}), withoutMedia, 'resume'],
    ['never had its media', know(45, { phase: 'ringing' }), withoutMedia, 'resume'],
    [
      'lost its media, for all we know, but no bridge is ever seen',
      know(45, {}, { isWatched: false }),
      withoutMedia,
      'leave',
    ],
    ['goes on, and its carrier does not tell of media', know(9999, {}), connected, 'leave'],
  ] as const) {
    it(`${what}: ${verdict}`, () => assert.equal(judgeCall(known, carrier, now), verdict));
  }

  it('is ended when one of two who were brought together is left in it', () => {
    const known = know(9999, { ...joining, isTransferred: true });
    assert.equal(judgeCall(known, withoutMedia, now, 1), 'hang-up');
    for (const people of [2, undefined]) assert.equal(judgeCall(known, withoutMedia, now, people), 'leave');
    assert.equal(judgeCall(know(9999, { phase: 'transferring' }), connected, now, 1), 'leave');
  });
});
