// Runs the tests, a few processes more at once than there are cores: `node test.ts [file or pattern] …`
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { longestFileMs, writeBatches } from './test-batches.ts';
import { buildConsole } from './web/build-console.ts';

const everything = ['{shared,functions,media-bridge,simulator,doctor,infra,web}/**/*.test.ts', '*.test.ts'];
/** Tests in real time mostly wait. */
const waitingAtOnce = 2;

const patterns = process.argv.slice(2);
const files = [...new Set(globSync(patterns.length > 0 ? patterns : everything))];
if (files.length === 0) throw new Error(`no test file is called ${patterns.join(' or ')}`);

// Compiled once, not once in every process.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.data/compile-cache');
// Several files serve the console, and none should build it beside another.
await buildConsole();
// On a cold start each file would render for itself what is said.
await import('./simulator/voice/warm-up.ts');

const tests = run({
  // Files that somebody asks for have each a process of their own.
  files: patterns.length > 0 ? files : writeBatches(files),
  concurrency: availableParallelism() + waitingAtOnce,
  // Ends the tests of a process, not the process: one that waits in a loop would run on.
  timeout: 2 * longestFileMs,
  // Whole calls leave much behind that is young: collected less often it costs less.
  execArgv: ['--max-semi-space-size=64', '--import', join(import.meta.dirname, 'test-watch.ts')],
});
tests.on('test:fail', () => {
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
