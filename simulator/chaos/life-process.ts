// Lives a long life in a process of its own, and passes on what it tells after each hour.
import { join } from 'node:path';
import { runSeeded } from '../virtual-time/seeded-process.ts';
import type { LongLifePlan } from './long-life.ts';

const program = join(import.meta.dirname, 'play-long-life.ts');
/** An hour takes minutes on a machine with other things to do. */
const withinHourMs = 1_800_000;

/** Resolves with what was wrong. */
export async function liveInProcess(plan: LongLifePlan): Promise<readonly string[]> {
  const onProgress = (text: string) => void process.stderr.write(text);
  const withinMs = plan.hours * withinHourMs;
  const args = [JSON.stringify(plan)];
  const lived = await runSeeded({ program, args, seed: plan.seed, prefix: '{"lived"', withinMs, onProgress });
  return (lived as { problems: string[] }).problems;
}
