// Every input in every phase of a transfer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { transferOutcomes } from '../../../shared/call/transfer-outcome.ts';
import {
  stepTransfer,
  type TransferAction,
  type TransferInput,
  type TransferPhase,
  type TransferState,
} from './transfer-steps.ts';

const inputs = {
  warm: { type: 'asked', handover: 'warm', attempt: 0 },
  cold: { type: 'asked', handover: 'cold', attempt: 1 },
  forwarded: { type: 'forwarded', attempt: 0 },
  'picked up': { type: 'picked-up' },
  accepted: { type: 'accepted' },
  declined: { type: 'declined' },
  joined: { type: 'joined' },
  busy: { type: 'failed', outcome: 'busy' },
  'hung up': { type: 'failed', outcome: 'hung-up' },
  voicemail: { type: 'failed', outcome: 'voicemail' },
  expired: { type: 'expired' },
  ended: { type: 'ended' },
} as const satisfies Record<string, TransferInput>;
type Name = keyof typeof inputs;

/** Of the first of two numbers: the phase that follows, with the number in it, and what is done. What is not told changes nothing. */
const table: Record<TransferPhase, Partial<Record<Name, string>>> = {
  none: {
    warm: 'calling 0: call 0',
    cold: 'forwarding 1: forward 1',
    forwarded: 'forwarding 0:',
    ended: 'over:',
  },
  calling: {
    'picked up': 'briefing 0:',
    accepted: 'joining 0: join',
    declined: 'none: drop, give-back declined',
    busy: 'calling 1: drop, call 1',
    'hung up': 'none: drop, give-back hung-up',
    voicemail: 'calling 1: drop, call 1',
    expired: 'calling 1: drop, call 1',
    ended: 'over: drop',
  },
  briefing: {
    accepted: 'joining 0: join',
    declined: 'none: drop, give-back declined',
    busy: 'none: drop, give-back busy',
    'hung up': 'none: drop, give-back hung-up',
    voicemail: 'calling 1: drop, call 1',
    expired: 'none: drop, give-back no-answer',
    ended: 'over: drop',
  },
  joining: {
    joined: 'over: leave',
    busy: 'none: drop, give-back busy',
    'hung up': 'none: drop, give-back hung-up',
    voicemail: 'none: drop, give-back voicemail',
    expired: 'none: drop, give-back failed',
    ended: 'over:',
  },
  forwarding: {
    joined: 'over:',
    busy: 'forwarding 1: forward 1',
    'hung up': 'none: give-back hung-up',
    voicemail: 'forwarding 1: forward 1',
    expired: 'none: give-back failed',
    ended: 'over:',
  },
  over: {},
};

const describeState = (state: TransferState) => ('attempt' in state ? `${state.phase} ${state.attempt}` : state.phase);
const describeAction = (action: TransferAction) => Object.values(action).join(' ');

function step(state: TransferState, input: TransferInput, numbers = 2): string {
  const next = stepTransfer(state, input, numbers);
  return `${describeState(next.state)}: ${next.actions.map(describeAction).join(', ')}`.trim();
}

const begin = (phase: TransferPhase, attempt = 0): TransferState =>
  phase === 'none' || phase === 'over' ? { phase } : { phase, attempt };

describe('a step of a transfer', () => {
  for (const [phase, row] of Object.entries(table) as [TransferPhase, Partial<Record<Name, string>>][])
    it(`while it is ${phase}`, () => {
      const state = begin(phase);
      const told = Object.entries(inputs).map(([name, input]) => [name, step(state, input)]);
      const wanted = Object.keys(inputs).map((name) => [name, row[name as Name] ?? `${describeState(state)}:`]);
      assert.deepEqual(told, wanted);
    });

  it('rings no further number than there is, and gives the caller back with the last outcome', () => {
    for (const phase of ['calling', 'briefing', 'forwarding'] as const)
      for (const outcome of transferOutcomes)
        assert.match(step(begin(phase, 1), { type: 'failed', outcome }), new RegExp(`^none: .*give-back ${outcome}$`));
  });

  it('never leaves a caller without anybody: what ends a transfer drops the person or leaves them with the caller', () => {
    for (const phase of Object.keys(table) as TransferPhase[])
      for (const input of Object.values(inputs)) {
        const { state, actions } = stepTransfer(begin(phase), input, 1);
        const did = actions.map(({ do: what }) => what);
        if (state.phase === 'none' && phase !== 'none') assert.ok(did.includes('give-back'), `${phase} ${input.type}`);
        if (did.includes('give-back') && phase !== 'forwarding') assert.ok(did.includes('drop'));
      }
  });
});
