// What is kept of a world that was judged: its plan, what is wrong in it, and what each fault cost the callers. Pure.
import { judge } from './judge.ts';
import { findOwedSilences } from './rules/owed-replies.ts';
import type { Violation } from './violation.ts';
import { formatWires } from './wires.ts';
import type { WorldPlan } from './world-plan.ts';
import type { WorldRecord } from './world-record.ts';

export interface FaultCost {
  readonly fault: string;
  /** The longest silence of each caller who was owed a reply meanwhile, whoever's fault it was. */
  readonly silencesMs: readonly number[];
}

export interface WorldVerdict {
  readonly plan: WorldPlan;
  readonly violations: readonly Violation[];
  readonly costs: readonly FaultCost[];
}

/** So long after a fault a silence may still be its doing. */
const aftermathMs = 8_000;

export function createVerdict(world: WorldRecord): WorldVerdict {
  const silences = world.calls.map((call) => findOwedSilences(world, call));
  const costs = world.faults.map(({ name, fromMs, toMs }) => ({
    fault: name,
    silencesMs: silences.flatMap((spans) => {
      const meanwhile = spans.filter((span) => span.toMs > fromMs && span.fromMs < toMs + aftermathMs);
      return meanwhile.length === 0 ? [] : [Math.max(...meanwhile.map((span) => Math.round(span.toMs - span.fromMs)))];
    }),
  }));
  const violations = judge(world).map((violation) => ({ ...violation, wires: formatWires(world, violation) }));
  return { plan: world.plan, violations, costs };
}
