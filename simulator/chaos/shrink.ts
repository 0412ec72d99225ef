// Makes the plan of a violation as short as it can be: faults and then calls are left out, and stay out where the rule is still broken.
import type { WorldPlan } from './world-plan.ts';

/** `isBroken` plays a plan. Resolves to a plan of which no single fault and no single call can be left out. */
export async function shrinkPlan(plan: WorldPlan, isBroken: (plan: WorldPlan) => Promise<boolean>): Promise<WorldPlan> {
  const { faults, calls } = plan;
  const fewFaults = await shrinkList(faults, (faults) => isBroken({ ...plan, faults }));
  const fewCalls = await shrinkList(calls, (calls) => isBroken({ ...plan, faults: fewFaults, calls }));
  return { ...plan, faults: fewFaults, calls: fewCalls };
}

/** Halves first: most of a long list has nothing to do with it. */
async function shrinkList<Entry>(
  list: readonly Entry[],
  isBroken: (list: readonly Entry[]) => Promise<boolean>,
): Promise<readonly Entry[]> {
  let shortest = list;
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let n = 0; n < shortest.length; ) {
      const shorter = shortest.toSpliced(n, size);
      if (await isBroken(shorter)) shortest = shorter;
      else n += size;
    }
  }
  return shortest;
}
