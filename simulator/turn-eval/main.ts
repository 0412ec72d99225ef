// Measures who has the word, on calls kept for the score: `npm run eval:turns`, with `--half tune` on the others; `--replay seed` plays one call again.
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readCommandLine, readCount, refuse } from '../command-line.ts';
import { formatErrorPage } from './error-page.ts';
import { type Column, drawJobs, type EvalJob, listColumns, nameColumn } from './eval-job.ts';
import { createResults, findAddedMs, formatTable } from './eval-result.ts';
import { type JobScore, playInProcess } from './job-process.ts';
import { type Half, halves } from './sounds/half.ts';
import { mostAddedMs } from './targets.ts';

const folder = 'out/turn-eval';

const usage = `Measures who has the word, and writes a table and a page of all errors to ${folder}/.

  npm run eval:turns -- [options]

  --half NAME       score (default) or tune
  --events NUMBER   sounds of each kind; 100 without it
  --seed NUMBER     draws other calls; 1 without it
  --only NAME       one column, "voice-live, on", or all whose names have this in them; may be given again
  --unadapted       longer nods and misheard words without adapting to callers, too
  --workers NUMBER  processes at once; as many as there are cores without it
  --replay SEED     plays one call again: both sides' sound, and its errors

It exits with 0 when all targets were reached.`;

const { values } = readCommandLine(usage, {
  options: {
    seed: { type: 'string', default: '1' },
    half: { type: 'string', default: 'score' },
    events: { type: 'string', default: '100' },
    workers: { type: 'string', default: String(availableParallelism()) },
    /** A part of the columns' names: `voice-live, on`, say. */
    only: { type: 'string', multiple: true },
    /** The rows of longer nods and misheard words without adapting to callers, too. */
    unadapted: { type: 'boolean', default: false },
    replay: { type: 'string' },
  },
});
const half = halves.find((name) => name === values.half);
if (!half) refuse(`--half is one of ${halves.join(', ')}, not ${values.half}.`);
const [seed, events, workers] = [
  readCount('seed', values.seed),
  readCount('events', values.events),
  readCount('workers', values.workers),
];
const columns = listColumns({ isUnadaptedToo: values.unadapted }).filter((column) => isWanted(column));
const jobs = drawJobs({ seed, half, events, columns });
process.exitCode = (await (values.replay === undefined ? run(half) : replay(values.replay))) ? 0 : 1;

async function run(half: Half): Promise<boolean> {
  const startedMs = performance.now();
  const left = [...jobs];
  const scores: JobScore[] = [];
  const failures: string[] = [];
  const work = async () => {
    for (let job = left.shift(); job; job = left.shift()) {
      try {
        scores.push(await playInProcess(job));
      } catch (error) {
        failures.push(String(error));
      }
      const leftMs = ((performance.now() - startedMs) / (jobs.length - left.length)) * left.length;
      process.stderr.write(`${jobs.length - left.length} of ${jobs.length} jobs, ${Math.ceil(leftMs / 1000)} s left\n`);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  const order = columns.map(nameColumn);
  const sorted = scores.toSorted((a, b) => order.indexOf(nameColumn(a.column)) - order.indexOf(nameColumn(b.column)));
  const results = createResults(sorted);
  const table = formatTable(results);
  await mkdir(folder, { recursive: true });
  const name = join(folder, `${half}-${seed}`);
  await writeFile(`${name}.json`, `${JSON.stringify({ seed, half, events, results, failures }, undefined, 2)}\n`);
  const more = values.unadapted ? ' --unadapted' : '';
  const command = ({ column }: JobScore, plan: { readonly seed: number }) =>
    `npm run eval:turns -- --half ${half} --seed ${seed} --events ${events}${more} --only "${nameColumn(column)}" --replay ${plan.seed}`;
  await writeFile(
    `${name}.html`,
    formatErrorPage(sorted, table, (score, { plan }) => command(score, plan)),
  );
  process.stdout.write(`${table}\n\n${failures.map((failure) => `${failure}\n`).join('')}`);
  process.stdout.write(`${Math.round((performance.now() - startedMs) / 1000)} s; see ${name}.html and ${name}.json\n`);
  const added = columns.map(({ model }) => findAddedMs(results, model) ?? 0);
  return (
    failures.length === 0 && results.every(({ failed }) => failed.length === 0) && Math.max(...added) <= mostAddedMs
  );
}

/** One call in a world of its own; both sides' sound, and a page of its errors, beside each other. */
async function replay(callSeed: string): Promise<boolean> {
  const found = jobs.flatMap((job): EvalJob[] => {
    const plans = job.plans.filter((plan) => String(plan.seed) === callSeed);
    return plans.length === 0 ? [] : [{ ...job, plans }];
  });
  if (found.length === 0) throw new Error(`no call of this run has the seed ${callSeed}`);
  for (const job of found) {
    const into = join(folder, `${nameColumn(job.column).replaceAll(/[^\w]+/g, '-')}-${callSeed}`);
    await mkdir(into, { recursive: true });
    const score = await playInProcess(job, into);
    const errors = score.calls.flatMap((call) => call.events).filter(({ error }) => error !== undefined);
    for (const { kind, name, fromMs, error } of errors)
      process.stdout.write(`${(fromMs / 1000).toFixed(1)} s, ${kind}, ${name}: ${error}\n`);
    await writeFile(
      join(into, 'errors.html'),
      formatErrorPage([score], formatTable(createResults([score])), () => ''),
    );
    process.stdout.write(`${nameColumn(job.column)}: ${errors.length} errors; see ${into}\n`);
  }
  return true;
}

function isWanted(column: Column): boolean {
  return (
    values.only === undefined ||
    values.only.some(
      (part) => nameColumn(column) === part || (!part.includes(',') && nameColumn(column).includes(part)),
    )
  );
}
