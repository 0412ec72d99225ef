// A command: hands callers over to people, over both carriers, to each ending with many seeds, and counts who is left alone.
import '../virtual-time/install.ts';

import { phoneCarriers } from '../../shared/call/call.ts';
import { readCommandLine, readCount } from '../command-line.ts';
import { type TransferReport, transferEndings } from './transfer-plan.ts';
import { runTransfer, startTransferWorld } from './transfer-run.ts';

const usage = `Counts who is left alone: node simulator/scenarios/transfer-table.ts [options]

  --runs NUMBER     of each ending over each carrier; 50 without it
  --seed NUMBER     of the first
  --ending NAME     one of: ${transferEndings.join(', ')}
  --carrier NAME    ${phoneCarriers.join(' or ')}
  --unruly          with a carrier that tells things twice and out of order, and whose answers fail`;
const { values } = readCommandLine(usage, {
  options: {
    runs: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
    ending: { type: 'string' },
    carrier: { type: 'string' },
    unruly: { type: 'boolean', default: false },
  },
});
const runs = readCount('runs', values.runs);
const firstSeed = readCount('seed', values.seed);
/** What a world leaves behind costs the next run: bridges that died, calls that are over. */
const runsPerWorld = 10;

function medianOf(reports: readonly TransferReport[]): string {
  const sorted = reports.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  return `${((sorted[Math.floor(sorted.length / 2)] ?? 0) / 1000).toFixed(1)} s`;
}

let stranded = 0;
let problems = 0;
for (const carrier of phoneCarriers.filter((name) => values.carrier === undefined || name === values.carrier)) {
  for (const ending of transferEndings.filter((name) => values.ending === undefined || name === values.ending)) {
    const reports: TransferReport[] = [];
    for (let first = 0; first < runs; first += runsPerWorld) {
      const world = await startTransferWorld();
      for (let n = first; n < Math.min(runs, first + runsPerWorld); n++)
        reports.push(await runTransfer(world, { carrier, ending, seed: firstSeed + n, isUnruly: values.unruly }));
      await world.stop();
    }
    const count = (endsWith: TransferReport['endsWith']) =>
      reports.filter((report) => report.endsWith === endsWith).length;
    const wrong = reports.filter(({ problem }) => problem !== undefined);
    stranded += ending === 'caller hangs up' ? 0 : count('nobody');
    problems += wrong.length;
    console.log(
      `${carrier.padEnd(7)} ${ending.padEnd(17)} person ${count('person')}, agent ${count('agent')}, nobody ${count('nobody')}; median ${medianOf(reports)}; wrong ${wrong.length}`,
    );
    for (const { seed, problem } of wrong) console.log(`  seed ${seed}: ${problem}`);
  }
}
console.log(`stranded callers: ${stranded}; wrong in any way: ${problems}`);
process.exitCode = stranded + problems > 0 ? 1 : 0;
