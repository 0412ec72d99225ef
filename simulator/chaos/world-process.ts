// Plays a plan in a process of its own; a world that breaks down is a violation.
import { join } from 'node:path';
import { MachineTooBusy, runSeeded } from '../virtual-time/seeded-process.ts';
import type { WorldPlan } from './world-plan.ts';
import type { WorldVerdict } from './world-verdict.ts';

const program = join(import.meta.dirname, 'play-plan.ts');
/** A world of 36 calls takes twenty. */
const cpuSeconds = 300;
const withinMs = 3_600_000;

/** Rejects with MachineTooBusy where the world could not be played. */
export async function playInProcess(plan: WorldPlan, replayFolder?: string): Promise<WorldVerdict> {
  const args = [JSON.stringify(plan), ...(replayFolder === undefined ? [] : [replayFolder])];
  try {
    const played = await runSeeded({ program, args, seed: plan.seed, prefix: '{"plan"', cpuSeconds, withinMs });
    return played as WorldVerdict;
  } catch (error) {
    if (error instanceof MachineTooBusy) throw error;
    const what = `the world broke down, ${(error as Error).message}`;
    return { plan, violations: [{ rule: 'the process lives', what }], costs: [] };
  }
}
