// Plays a plan in a process of its own; a world that breaks down is a violation.
import { join } from 'node:path';
import { runSeeded } from '../virtual-time/seeded-process.ts';
import type { WorldPlan } from './world-plan.ts';
import type { WorldVerdict } from './world-verdict.ts';

const program = join(import.meta.dirname, 'play-plan.ts');
/** A world takes seconds on a machine with nothing else to do. */
const withinMs = 600_000;

export async function playInProcess(plan: WorldPlan, replayFolder?: string): Promise<WorldVerdict> {
  const args = [JSON.stringify(plan), ...(replayFolder === undefined ? [] : [replayFolder])];
  try {
    return (await runSeeded({ program, args, seed: plan.seed, prefix: '{"plan"', withinMs })) as WorldVerdict;
  } catch (error) {
    const what = `the world broke down, ${(error as Error).message}`;
    return { plan, violations: [{ rule: 'the process lives', what }], costs: [] };
  }
}
