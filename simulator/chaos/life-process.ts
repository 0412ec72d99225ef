// Lives a long life in a process of its own, and passes on what it tells after each hour.
import { join } from 'node:path';
import { runSeeded } from '../virtual-time/seeded-process.ts';
import type { LongLifePlan } from './long-life.ts';

const program = join(import.meta.dirname, 'play-long-life.ts');
/** An hour of 200 calls takes 110. */
const cpuSecondsPerHour = 1_000;
const withinHourMs = 7_200_000;

/** Resolves with what was wrong. */
export async function liveInProcess(plan: LongLifePlan): Promise<readonly string[]> {
  const onProgress = (text: string) => void process.stderr.write(text);
  const limits = { cpuSeconds: plan.hours * cpuSecondsPerHour, withinMs: plan.hours * withinHourMs };
  const args = [JSON.stringify(plan)];
  const lived = await runSeeded({ program, args, seed: plan.seed, prefix: '{"lived"', ...limits, onProgress });
  return (lived as { problems: string[] }).problems;
}
