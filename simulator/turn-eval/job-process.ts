// Plays a job in a process of its own, at low priority.
import { join } from 'node:path';
import { runSeeded } from '../virtual-time/seeded-process.ts';
import type { Column, EvalJob } from './eval-job.ts';
import type { CallScore } from './score-call.ts';

const program = join(import.meta.dirname, 'play-job.ts');
/** A job takes some ten. */
const cpuSeconds = 300;
const withinMs = 3_600_000;

export interface JobScore {
  readonly column: Column;
  readonly calls: readonly CallScore[];
}

export async function playInProcess(job: EvalJob, soundFolder?: string): Promise<JobScore> {
  const args = [JSON.stringify(job), ...(soundFolder === undefined ? [] : [soundFolder])];
  const seed = job.plans[0]?.seed ?? 1;
  try {
    return (await runSeeded({
      program,
      args,
      seed,
      prefix: '{"column"',
      cpuSeconds,
      withinMs,
      hasLowPriority: true,
    })) as JobScore;
  } catch (error) {
    throw new Error(`a job of ${job.column.model} broke down, ${(error as Error).message}`);
  }
}
