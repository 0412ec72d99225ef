// Runs a program of virtual time in a process of its own: one that crashes or hangs takes nothing with it, and a seed is played the same every time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';

const keptErrorChars = 4_000;
/** The kernel counts what the process works, whatever else the machine has to do, and ends one that works for more with SIGXCPU. */
const limited = 'ulimit -c 0; ulimit -S -t "$1"; shift; exec "$@"';

export interface SeededProcess {
  readonly program: string;
  readonly args: readonly string[];
  readonly seed: number;
  /** What it has to say is the last line that begins so. */
  readonly prefix: string;
  /** Of its own work: many times what it takes, since a machine that has much else to do is slower at each. */
  readonly cpuSeconds: number;
  /** With whatever else the machine does. Who makes no headway at all is found by virtual time itself. */
  readonly withinMs: number;
  readonly hasLowPriority?: boolean;
  /** What it tells meanwhile. */
  readonly onProgress?: (text: string) => void;
}

/** Nothing is known of the program: the machine had no time for it. */
export class MachineTooBusy extends Error {}

/** Resolves with what it printed. Rejects with how it broke down and the end of what it complained of, or with MachineTooBusy. */
export async function runSeeded(options: SeededProcess): Promise<unknown> {
  const { program, args, seed, prefix, cpuSeconds, withinMs, hasLowPriority = false, onProgress } = options;
  const command = [process.execPath, program, ...args];
  const child = spawn('/bin/sh', ['-c', limited, 'sh', String(cpuSeconds), ...command], {
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
  if (child.killed)
    throw new MachineTooBusy(
      `it was not done within ${withinMs / 60_000} minutes, of which it had less than ${cpuSeconds} s of the processor: run it again with less beside it`,
    );
  throw new Error(`${howItEnded(code, signal, cpuSeconds)}: ${errors}`);
}

function howItEnded(code: number | null, signal: string | null, cpuSeconds: number): string {
  if (signal === 'SIGXCPU') return `it worked for ${cpuSeconds} s and was not done, and was ended`;
  if (signal === 'SIGKILL') return 'it was killed by somebody else, as a machine does that has no memory left';
  return signal ?? `exit code ${code}`;
}
