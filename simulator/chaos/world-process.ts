// Plays a plan in a process of its own, so that a world that crashes or hangs takes nothing with it, and a seed is played the same every time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { WorldPlan } from './world-plan.ts';
import type { WorldVerdict } from './world-verdict.ts';

const program = join(import.meta.dirname, 'play-plan.ts');
/** A world takes seconds on a machine with nothing else to do. */
const withinMs = 600_000;
const keptErrorChars = 4_000;

export async function playInProcess(plan: WorldPlan, replayFolder?: string): Promise<WorldVerdict> {
  const args = [program, JSON.stringify(plan), ...(replayFolder === undefined ? [] : [replayFolder])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, SEED: String(plan.seed), NODE_COMPILE_CACHE: '.data/compile-cache' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorChars);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const verdict = out.split('\n').findLast((line) => line.startsWith('{"plan"'));
  if (code === 0 && verdict !== undefined) return JSON.parse(verdict) as WorldVerdict;
  const what = `the world broke down, ${signal ?? `exit code ${code}`}: ${errors}`;
  return { plan, violations: [{ rule: 'the process lives', what }], costs: [] };
}
