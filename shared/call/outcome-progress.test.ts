// How far the outcome of a call is, by every event in every state.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallId } from './call.ts';
import type { CallEvent, CallFact } from './call-event.ts';
import type { CallOutcome } from './call-outcome.ts';
import { applyOutcomeEvent, type OutcomeEvent, type OutcomeProgress } from './outcome-progress.ts';

const at = 5_000;
const event = (fact: CallFact) => ({ ...fact, id: 'e', callId: 'call-1' as CallId, at }) as CallEvent;
const outcome: CallOutcome = {
  summary: { value: 'Wants a quote.', turns: [1] },
  satisfaction: { value: 'neutral', turns: [1] },
  nextAction: { value: null, turns: [] },
  fields: {},
};

describe('the outcome of a call', () => {
  const asked = (attempt: number) => event({ type: 'outcome-asked', attempt }) as OutcomeEvent;
  const ready = event({ type: 'outcome-ready', attempt: 1, outcome }) as OutcomeEvent;
  const failed = (attempt: number, isFinal: boolean) =>
    event({ type: 'outcome-failed', attempt, code: 'X', isFinal }) as OutcomeEvent;
  const skipped = event({ type: 'outcome-skipped' }) as OutcomeEvent;
  const states = {
    pending: { status: 'pending', attempts: 0 },
    asked: { status: 'pending', attempts: 1, askedAt: at },
    failed: { status: 'failed', attempts: 1, code: 'X', failedAt: at },
    done: { status: 'done', attempts: 1, result: outcome },
    none: { status: 'none', attempts: 0 },
  } as const satisfies Record<string, OutcomeProgress>;
  type Name = keyof typeof states;
  const table: Record<Name, readonly [OutcomeEvent, OutcomeProgress][]> = {
    pending: [
      [asked(1), states.asked],
      [ready, states.done],
      [failed(1, true), states.failed],
      [skipped, states.none],
    ],
    asked: [
      [asked(1), states.asked],
      [asked(2), { status: 'pending', attempts: 2, askedAt: at }],
      [ready, states.done],
      [failed(1, false), { status: 'pending', attempts: 1, code: 'X', failedAt: at }],
      [failed(1, true), states.failed],
      [skipped, states.asked],
    ],
    failed: [
      [asked(1), states.failed],
      [asked(2), { status: 'pending', attempts: 2, askedAt: at }],
      [ready, states.done],
      [skipped, states.failed],
    ],
    done: [
      [asked(2), states.done],
      [ready, states.done],
      [failed(1, true), states.done],
      [skipped, states.done],
    ],
    none: [
      [asked(1), states.asked],
      [skipped, states.none],
    ],
  };
  for (const [name, rows] of Object.entries(table))
    for (const [given, after] of rows)
      it(`is ${after.status} after ${name} and ${given.type}`, () => {
        assert.deepEqual(applyOutcomeEvent(states[name as Name], given), after);
      });

  it('takes no notice of an attempt that another has followed', () => {
    const second = applyOutcomeEvent(states.asked, asked(2));
    assert.equal(applyOutcomeEvent(second, failed(1, true)), second);
  });
});
