// Makes the list of faults of a violation as short as it can be: one after the other is left out, and stays out where the rule is still broken.
import type { WorldPlan } from './world-plan.ts';

/** `isBroken` plays a plan. Resolves to a plan of which no single fault can be left out. */
export async function shrinkFaults(
  plan: WorldPlan,
  isBroken: (plan: WorldPlan) => Promise<boolean>,
): Promise<WorldPlan> {
  let shortest = plan;
  for (let n = 0; n < shortest.faults.length; ) {
    const shorter = { ...shortest, faults: shortest.faults.toSpliced(n, 1) };
    if (await isBroken(shorter)) {
      shortest = shorter;
      // What was needed beside this one may not be needed without it.
      n = 0;
    } else n++;
  }
  return shortest;
}
