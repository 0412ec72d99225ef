// Runs a program of virtual time in a process of its own: one that crashes or hangs takes nothing with it, and a seed is played the same every time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';

const keptErrorChars = 4_000;

export interface SeededProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly seed: number;
  /** What it has to say is the last line that begins so. */
  readonly prefix: string;
  /** On a machine that has other things to do. */
  readonly withinMs: number;
  readonly hasLowPriority?: boolean;
  /** What it tells meanwhile. */
  readonly onProgress?: (text: string) => void;
}

/** Resolves with what it printed. Rejects with how it broke down, and the end of what it complained of. */
export async function runSeeded(options: SeededProcess): Promise<unknown> {
  const { program, args, seed, prefix, withinMs, hasLowPriority = false, onProgress } = options;
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, SEED: String(seed), NODE_COMPILE_CACHE: '.data/compile-cache' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  if (hasLowPriority && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorChars);
    onProgress?.(text);
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const line = out.split('\n').findLast((text) => text.startsWith(prefix));
  if (code === 0 && line !== undefined) return JSON.parse(line) as unknown;
  throw new Error(`${signal ?? `exit code ${code}`}: ${errors}`);
}
