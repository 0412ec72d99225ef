// Which test files share a process: most of a short test is its process and the loading of what it tests.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mock, test } from 'node:test';
import { realTimeTests } from './simulator/real-time-tests.ts';

/** Of one file: against those that hang. A machine that others use too takes ten times as long as an idle one. */
export const longestFileMs = 10 * 60_000;
/** Enough to keep all cores busy up to the end, few enough for most of them to be warm. */
const virtualBatches = 10;
const plainBatches = 4;

const folder = join(import.meta.dirname, '.data/test-batches');
const virtualTime = 'simulator/virtual-time/install.ts';

/** The modules to run, each in a process of its own: what waits in real time beside what is busy, and the short tests last. */
export function writeBatches(files: readonly string[]): string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sorted = [...files].sort();
  const order = [...Object.keys(realTimeTests), ...sorted];
  const alone = sorted.filter((file) => kindOf(file) === 'alone').sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const batchesOf = (kind: 'virtual' | 'plain', count: number) =>
    deal(
      sorted.filter((file) => kindOf(file) === kind),
      count,
    ).map((batch, index) => writeBatch(`${kind}-${index + 1}`, batch, kind === 'virtual'));
  const busy = [...batchesOf('virtual', virtualBatches), ...batchesOf('plain', plainBatches)];
  return interleave(alone, busy);
}

/** One file after the other, each loaded when the one before is over. */
export function playFiles(files: readonly string[]): void {
  for (const file of files) {
    test(file, { timeout: longestFileMs }, async (t) => {
      // What a file has replaced for all its tests was to last until the end of its process.
      t.after(() => mock.reset());
      await import(join(import.meta.dirname, file));
    });
  }
}

function kindOf(file: string): 'alone' | 'virtual' | 'plain' {
  // Tests of time itself install it, take it away and end processes.
  if (file in realTimeTests || file.startsWith('simulator/virtual-time/')) return 'alone';
  return /virtual-time\/install\.ts';$/m.test(readFileSync(file, 'utf8')) ? 'virtual' : 'plain';
}

function interleave(some: readonly string[], others: readonly string[]): string[] {
  return Array.from({ length: Math.max(some.length, others.length) }, (_, at) => [some[at], others[at]])
    .flat()
    .filter((file) => file !== undefined);
}

function deal(files: readonly string[], count: number): string[][] {
  const batches = Array.from({ length: count }, (_, index) => files.filter((_, at) => at % count === index));
  return batches.filter((batch) => batch.length > 0);
}

function writeBatch(name: string, files: readonly string[], isVirtual: boolean): string {
  const path = join(folder, `${name}.test.ts`);
  const lines = [
    isVirtual ? `import '../../${virtualTime}';\n` : '',
    "import { playFiles } from '../../test-batches.ts';",
    `playFiles(${JSON.stringify(files, undefined, 2)});`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}
