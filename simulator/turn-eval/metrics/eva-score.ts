// EVA's turn_taking formula (v0.2), written anew from its definition: how well the turns of one call were taken, from 0 to 1. Pure.
import type { Span } from './wire-record.ts';

/** A turn of the caller and what the agent said to it: segments of sound, in order. */
export interface EvaTurn {
  readonly caller: readonly Span[];
  readonly agent: readonly Span[];
  /** The caller began while the agent was still saying what belongs to the turn before. */
  readonly callerInterrupts?: boolean;
  /** The agent began while the caller had not finished. */
  readonly agentInterrupts?: boolean;
  /** A tool was called for the answer: it may take longer. */
  readonly usesTool?: boolean;
  /** The caller had to ask again. */
  readonly wasNudged?: boolean;
}

export interface EvaCall {
  readonly turns: readonly EvaTurn[];
  /** Nobody said anything any more, and it was the agent's turn. */
  readonly endedUnanswered?: boolean;
}

const worstMs = 2_000;
const agentInterruptsAtBest = 0.5;

/** Undefined: there was no turn with sound on both sides after the first one. */
export function scoreCall({ turns, endedUnanswered }: EvaCall): number | undefined {
  const scores = turns.flatMap((turn, index) => {
    if (index === 0 || turn.caller.length === 0 || turn.agent.length === 0) return [];
    return turn.wasNudged ? 0 : scoreTurn(turn, turns[index - 1]!);
  });
  if (scores.length === 0) return undefined;
  return endedUnanswered ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

export function scoreTurn(turn: EvaTurn, before: EvaTurn): number {
  const scores = [
    ...(turn.callerInterrupts ? [scoreYield(turn, before)] : []),
    ...(turn.agentInterrupts ? [scoreInterruption(turn)] : []),
  ];
  return scores.length > 0 ? Math.min(...scores) : scoreLatency(latencyOf(turn, turn.agent[0]!), turn.usesTool);
}

/** Straight lines between 0 at half a second too early, 1, and 0 again where it took too long. */
export function scoreLatency(latencyMs: number, usesTool = false): number {
  const [bestUntilMs, worstFromMs] = usesTool ? [3_000, 5_000] : [2_000, 3_500];
  const rising = (latencyMs + 500) / 1_000;
  const falling = (worstFromMs - latencyMs) / (worstFromMs - bestUntilMs);
  return Math.max(0, Math.min(1, rising, falling));
}

function latencyOf({ caller }: EvaTurn, { fromMs }: Span): number {
  return fromMs - caller.at(-1)!.toMs;
}

function scoreYield({ caller }: EvaTurn, before: EvaTurn): number {
  const last = before.agent.at(-1);
  if (!last) return 1;
  return Math.min(1, Math.max(0, 1 - (last.toMs - caller[0]!.fromMs) / worstMs));
}

function scoreInterruption({ caller, agent, usesTool }: EvaTurn): number {
  const endMs = caller.at(-1)!.toMs;
  const overlapping = agent.filter((sound) => caller.some((words) => overlapOf(sound, words) > 0));
  const overlapMs = overlapping.reduce(
    (sum, sound) => sum + caller.reduce((part, words) => part + overlapOf(sound, words), 0),
    0,
  );
  const scores = [
    agentInterruptsAtBest * (1 - overlapMs / worstMs),
    agentInterruptsAtBest * (1 - (overlapping.length - 1) / 2),
  ];
  const spans = agent.some(({ fromMs, toMs }) => fromMs <= endMs && toMs > endMs);
  const first = agent.find(({ fromMs }) => fromMs >= endMs);
  if (!spans && first) scores.push(scoreLatency(first.fromMs - endMs, usesTool));
  return Math.max(0, Math.min(...scores));
}

function overlapOf(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs));
}
