// Tests of EVA's formula by cases worked out by hand.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { scoreCall, scoreLatency, scoreTurn } from './eva-score.ts';

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });
const before = { caller: [span(0, 500)], agent: [span(1_000, 6_000)] };
const near = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-9, `${actual} instead of ${expected}`);

it('scores the wait for an answer by straight lines', () => {
  const cases = [
    [-600, 0],
    [-500, 0],
    [0, 0.5],
    [500, 1],
    [2_000, 1],
    [2_750, 0.5],
    [3_500, 0],
    [9_000, 0],
  ] as const;
  for (const [latencyMs, score] of cases) near(scoreLatency(latencyMs), score);
  near(scoreLatency(3_000, true), 1);
  near(scoreLatency(4_000, true), 0.5);
});

it('scores an interrupted agent by how long it goes on', () => {
  const interrupting = (fromMs: number) => ({
    caller: [span(fromMs, fromMs + 900)],
    agent: [span(8_000, 9_000)],
    callerInterrupts: true,
  });
  near(scoreTurn(interrupting(5_500), before), 0.75);
  near(scoreTurn(interrupting(6_000), before), 1);
  near(scoreTurn(interrupting(3_000), before), 0);
});

it('scores an agent that interrupts by overlap, by how often, and by what it says afterwards', () => {
  const turn = (...agent: ReturnType<typeof span>[]) => ({
    caller: [span(10_000, 12_000)],
    agent,
    agentInterrupts: true,
  });
  // One second over the caller, then a full answer in time: half of a half.
  near(scoreTurn(turn(span(10_500, 11_500), span(13_000, 15_000)), before), 0.25);
  // Twice for 100 ms: the second one halves it.
  near(scoreTurn(turn(span(10_500, 10_600), span(11_500, 11_600), span(13_000, 15_000)), before), 0.25);
  // It speaks on beyond the end of the caller's words: nothing is added for the wait.
  near(scoreTurn(turn(span(11_500, 15_000)), before), 0.375);
  // It falls silent, and answers too late.
  near(scoreTurn(turn(span(11_500, 11_600), span(15_500, 16_000)), before), 0);
});

it('takes the plain mean over the turns after the first that have sound on both sides', () => {
  const answered = (waitMs: number) => ({ caller: [span(0, 1_000)], agent: [span(1_000 + waitMs, 5_000)] });
  near(scoreCall({ turns: [before, answered(500), answered(0), { caller: [span(0, 1)], agent: [] }] }), 0.75);
  near(scoreCall({ turns: [before, answered(500), { ...answered(500), wasNudged: true }] }), 0.5);
  near(scoreCall({ turns: [before, answered(500)], endedUnanswered: true }), 0);
  assert.equal(scoreCall({ turns: [before] }), undefined);
});
