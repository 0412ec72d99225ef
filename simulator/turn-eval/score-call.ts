// The score of one call: tau-voice's metrics, EVA's formula, and of each event what the agent made of it. Pure.
import type { CallPlan } from './callers/call-plan.ts';
import type { WireUtterance } from './callers/eval-caller.ts';
import { actFor } from './callers/utterance.ts';
import { findError, type MeasuredEvent } from './event-error.ts';
import { createView, type EventView } from './event-view.ts';
import { endsByItself, findReaction } from './metrics/agent-reaction.ts';
import { type EvaTurn, scoreCall as scoreEva } from './metrics/eva-score.ts';
import { measureTau, type TauMetrics } from './metrics/tau-metrics.ts';
import type { CallerSound, Span } from './metrics/wire-record.ts';
import type { HeardCall } from './play-calls.ts';

export interface EventScore extends MeasuredEvent {
  /** What is wrong with it; undefined: nothing. */
  readonly error: string | undefined;
  /** To be shown; of errors only. */
  readonly view: EventView | undefined;
}

export interface CallScore {
  readonly plan: CallPlan;
  readonly lengthMs: number;
  readonly events: readonly EventScore[];
  readonly tau: TauMetrics;
  readonly eva: number | undefined;
  readonly missed: number;
}

/** Between two sounds of one answer. */
const breathMs = 500;
/** Around an event: what its metrics look at, and no other event of the caller. */
const beforeMs = 1_000;

export function scoreHeardCall(call: HeardCall): CallScore {
  const sounds = call.said.map(toSound);
  const record = { lengthMs: call.lengthMs, caller: sounds, agent: call.agent };
  return {
    plan: call.plan,
    lengthMs: call.lengthMs,
    events: call.said.flatMap((said, index) =>
      endsByItself(call.parts, said.fromMs) ? [] : scoreEvent(call, said, index),
    ),
    tau: measureTau(record),
    eva: scoreEva({ turns: findTurns(call) }),
    missed: call.missed,
  };
}

function toSound({ utterance, fromMs, toMs }: WireUtterance): CallerSound {
  return { act: actFor(utterance.kind), fromMs, toMs };
}

function scoreEvent(call: HeardCall, said: WireUtterance, index: number): EventScore {
  const { utterance, fromMs, toMs } = said;
  const nextMs = call.said[index + 1]?.fromMs ?? call.lengthMs;
  // Cut out of the call on the grid of ticks, up to where the caller sounds again.
  const gridMs = Math.max(0, Math.floor((fromMs - beforeMs) / 200) * 200);
  const lengthMs = nextMs - gridMs;
  const agent = call.agent
    .filter((span) => span.toMs > gridMs && span.fromMs < nextMs)
    .map((span) => ({ fromMs: Math.max(0, span.fromMs - gridMs), toMs: Math.min(lengthMs, span.toMs - gridMs) }));
  const caller = [{ act: actFor(utterance.kind), fromMs: fromMs - gridMs, toMs: toMs - gridMs }];
  const starts = mergeSpans(call.agent, breathMs).map((span) => span.fromMs);
  const answer = starts.find((startMs) => startMs >= toMs && startMs < nextMs);
  const measured = {
    kind: utterance.kind,
    name: utterance.name,
    fromMs,
    toMs,
    tau: measureTau({ lengthMs, caller, agent }),
    reaction: findReaction(call.parts, { fromMs, toMs }),
    answeredMs: answer === undefined ? undefined : answer - toMs,
    isInterrupted: starts.some((startMs) => startMs > fromMs && startMs < toMs),
  };
  const error = findError(measured);
  return { ...measured, error, view: error === undefined ? undefined : createView(call, fromMs) };
}

/** A turn is what the caller says to be answered, and whatever the agent begins to say until the next one. The first is the greeting's. */
function findTurns(call: HeardCall): EvaTurn[] {
  const segments = mergeSpans(call.agent, breathMs);
  const words = call.said.filter(({ utterance }) => ['turn', 'interruption'].includes(actFor(utterance.kind)));
  const begins = [Number.NEGATIVE_INFINITY, ...words.map(({ fromMs }) => fromMs)];
  return begins.map((beginMs, index) => {
    const endMs = begins[index + 1] ?? Number.POSITIVE_INFINITY;
    const said = words[index - 1];
    const agent = segments.filter(({ fromMs }) => fromMs >= beginMs && fromMs < endMs);
    if (!said) return { caller: [], agent };
    return {
      caller: [{ fromMs: said.fromMs, toMs: said.toMs }],
      agent,
      callerInterrupts: segments.some(({ fromMs, toMs }) => fromMs < beginMs && toMs > beginMs),
      agentInterrupts: agent.some(({ fromMs }) => fromMs < said.toMs),
      wasNudged: said.isNudge,
    };
  });
}

export function mergeSpans(spans: readonly Span[], withinMs: number): Span[] {
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, toMs } of spans) {
    const last = merged.at(-1);
    if (last && fromMs - last.toMs < withinMs) last.toMs = toMs;
    else merged.push({ fromMs, toMs });
  }
  return merged;
}
