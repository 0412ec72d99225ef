// Plays a job in a process of its own, at low priority: one that crashes or hangs takes nothing with it, and the same seed gives the same calls.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import type { Column, EvalJob } from './eval-job.ts';
import type { CallScore } from './score-call.ts';

const program = join(import.meta.dirname, 'play-job.ts');
/** A job takes some ten seconds on a machine with nothing else to do. */
const withinMs = 400_000;
const keptErrorChars = 3_000;

export interface JobScore {
  readonly column: Column;
  readonly calls: readonly CallScore[];
}

export async function playInProcess(job: EvalJob, soundFolder?: string): Promise<JobScore> {
  const args = [program, JSON.stringify(job), ...(soundFolder === undefined ? [] : [soundFolder])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SEED: String(job.plans[0]?.seed ?? 1), NODE_COMPILE_CACHE: '.data/compile-cache' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorChars);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const line = out.split('\n').findLast((text) => text.startsWith('{"column"'));
  if (code === 0 && line !== undefined) return JSON.parse(line) as JobScore;
  throw new Error(`a job of ${job.column.model} broke down, ${signal ?? `exit code ${code}`}: ${errors}`);
}
