// Runs the test files, each in a process of its own, a few more at once than there are cores: `node test.ts [file or pattern] …`
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { realTimeTests } from './simulator/real-time-tests.ts';
import { buildConsole } from './web/build-console.ts';

const everything = ['{shared,functions,media-bridge,simulator,doctor,infra,web}/**/*.test.ts', '*.test.ts'];
/** Of one file. */
const longestMs = 240_000;
/** Tests in real time mostly wait. */
const waitingAtOnce = 2;

/** What waits in real time begins first, then the calls of the simulator: many short tests fill the cores up to the end. */
function inOrder(files: readonly string[]): string[] {
  const isReal = (file: string) => file in realTimeTests;
  const longestFirst = [...new Set(files)].sort().reverse();
  return [...longestFirst.filter(isReal), ...longestFirst.filter((file) => !isReal(file))];
}

const patterns = process.argv.slice(2);
const files = inOrder(globSync(patterns.length > 0 ? patterns : everything));
if (files.length === 0) throw new Error(`no test file is called ${patterns.join(' or ')}`);

// Compiled once, not once in every process.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.data/compile-cache');
// Several files serve the console, and none should build it beside another.
await buildConsole();
// On a cold start each file would render for itself what is said.
await import('./simulator/voice/warm-up.ts');

const tests = run({ files, concurrency: availableParallelism() + waitingAtOnce, timeout: longestMs });
tests.on('test:fail', () => {
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
