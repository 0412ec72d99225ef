// Plays thousands of random calls with random faults and judges each: `npm run chaos -- --seed 1 --calls 10000`; `--replay FILE`; `--long-lives`.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readCommandLine, readCount } from '../command-line.ts';
import { MachineTooBusy } from '../virtual-time/seeded-process.ts';
import { formatCosts } from './cost-table.ts';
import { drawPlan } from './draw-plan.ts';
import { faultNames } from './fault-table.ts';
import { liveInProcess } from './life-process.ts';
import { Results } from './results.ts';
import { shrinkPlan } from './shrink.ts';
import type { WorldPlan } from './world-plan.ts';
import { playInProcess } from './world-process.ts';
import type { WorldVerdict } from './world-verdict.ts';

/** A world has its price whoever calls in it: a call costs 0.8 CPU seconds in one of twelve, and 0.5 in one of this size. */
const callsPerWorld = 36;
/** Seeds of two runs do not meet. */
const worldsPerSeed = 100_000;
const folder = 'out/chaos';

const usage = `Plays random calls with random faults in virtual time, judges each, and keeps what it found in ${folder}/.

  npm run chaos -- [options]

  --seed NUMBER           draws other calls and faults; 1 without it
  --calls NUMBER          how many; 100 without it. A run that was broken off goes on
  --workers NUMBER        processes at once; as many as there are cores without it
  --replay FILE           plays a violation again: both sides' sound and a timeline beside the file
  --long-lives            lets one world live for hours, and tells what it holds after each
  --hours NUMBER          of a long life; 24 without it
  --calls-per-hour NUMBER of a long life; 200 without it

It exits with 0 when no rule was broken.`;

const { values } = readCommandLine(usage, {
  options: {
    seed: { type: 'string', default: '1' },
    calls: { type: 'string', default: '100' },
    workers: { type: 'string', default: String(availableParallelism()) },
    replay: { type: 'string' },
    'long-lives': { type: 'boolean', default: false },
    hours: { type: 'string', default: '24' },
    'calls-per-hour': { type: 'string', default: '200' },
  },
});
const isWell = values.replay !== undefined ? replay(values.replay) : values['long-lives'] ? liveLong() : run();
process.exitCode = (await isWell) ? 0 : 1;

async function run(): Promise<boolean> {
  const [seed, calls, workers] = [
    readCount('seed', values.seed),
    readCount('calls', values.calls),
    readCount('workers', values.workers),
  ];
  const results = await Results.open(join(folder, `seed-${seed}.jsonl`));
  const seeds = Array.from({ length: Math.ceil(calls / callsPerWorld) }, (_, n) => seed * worldsPerSeed + n);
  const wanted = seeds.filter((world) => !results.has(world));
  const ofRun = () => results.verdicts.filter(({ plan }) => seeds.includes(plan.seed));
  const [startedMs, alreadyPlayed] = [performance.now(), ofRun().length];

  const tell = () => {
    const verdicts = ofRun();
    const playedNow = verdicts.length - alreadyPlayed;
    const leftMs = (performance.now() - startedMs) * ((seeds.length - verdicts.length) / Math.max(1, playedNow));
    const played = verdicts.reduce((sum, { plan }) => sum + plan.calls.length, 0);
    const faults = verdicts.reduce((sum, { plan }) => sum + plan.faults.length, 0);
    const violations = verdicts.reduce((sum, { violations }) => sum + violations.length, 0);
    const left = playedNow > 0 ? `${Math.ceil(leftMs / 60_000)} min left` : '';
    process.stderr.write(`${played} calls, ${faults} faults, ${violations} violations, ${left}\n`);
  };
  const unplayed: number[] = [];
  const work = async () => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const verdict = await playIfTime(drawPlan(next, { calls: callsPerWorld, faultNames }));
      if (verdict) await results.add(verdict);
      else unplayed.push(next);
      if (verdict && verdict.violations.length > 0) show(verdict);
      tell();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  process.stdout.write(`${formatCosts(ofRun())}\n`);
  tell();
  // At last: it takes as long as many other worlds. What was shrunk before the run was broken off is not shrunk again.
  for (const verdict of ofRun()) if (verdict.violations.length > 0) await explain(verdict);
  if (unplayed.length > 0)
    process.stderr.write(
      `not played: ${unplayed.join(', ')}. The same command plays them; --workers 1 gives each more\n`,
    );
  return unplayed.length === 0 && ofRun().every(({ violations }) => violations.length === 0);
}

/** Undefined where the machine had no time for it: that says nothing of the world, and the next run plays it. */
async function playIfTime(plan: WorldPlan): Promise<WorldVerdict | undefined> {
  try {
    return await playInProcess(plan);
  } catch (error) {
    if (!(error instanceof MachineTooBusy)) throw error;
    process.stderr.write(`seed ${plan.seed} was not played: ${error.message}\n`);
    return undefined;
  }
}

function show({ plan, violations }: WorldVerdict): void {
  const told = violations.map(({ rule, what, number, atMs, wires = [] }) => {
    const where = [number && `(${number})`, atMs !== undefined && `at ${Math.round(atMs)} ms`].filter(Boolean);
    return [`  ${rule}: ${what} ${where.join(' ')}`, ...wires.map((line) => `    ${line}`)].join('\n');
  });
  process.stderr.write(`seed ${plan.seed} breaks a rule:\n${told.join('\n')}\n`);
}

/** The shortest list of faults that shows it, in a file to be replayed. */
async function explain({ plan, violations }: WorldVerdict): Promise<void> {
  const path = join(folder, `violation-${plan.seed}.json`);
  if (existsSync(path)) return;
  const broken = new Set(violations.map(({ rule }) => rule));
  const shortest = await shrinkPlan(plan, async (shorter) => {
    const verdict = await playIfTime(shorter);
    return verdict?.violations.some(({ rule }) => broken.has(rule)) ?? false;
  });
  await mkdir(folder, { recursive: true });
  await writeFile(path, `${JSON.stringify(shortest, undefined, 2)}\n`);
  const faults = shortest.faults.map(({ name, atMs, forMs }) => `${name} at ${atMs} ms for ${forMs} ms`);
  const because = faults.join('; ') || 'no fault at all';
  process.stderr.write(`seed ${plan.seed} breaks it with ${because}\n  npm run chaos -- --replay ${path}\n`);
}

/** Both sides' sound and a timeline beside the file. */
async function replay(path: string): Promise<boolean> {
  const plan = JSON.parse(await readFile(path, 'utf8')) as WorldPlan;
  const into = path.replace(/\.json$/, '');
  await mkdir(into, { recursive: true });
  const { violations } = await playInProcess(plan, into);
  for (const { rule, what, number, wires = [] } of violations)
    process.stdout.write([`${rule}: ${what} ${number ?? ''}`, ...wires, ''].join('\n'));
  process.stdout.write(`${violations.length} violations; see ${join(into, 'timeline.html')}\n`);
  return violations.length === 0;
}

/** One world for hours: what it holds after each. */
async function liveLong(): Promise<boolean> {
  const [seed, hours, callsPerHour] = [
    readCount('seed', values.seed),
    readCount('hours', values.hours),
    readCount('calls-per-hour', values['calls-per-hour']),
  ];
  const problems = await liveInProcess({ seed: seed * worldsPerSeed, hours, callsPerHour, faultNames });
  process.stdout.write(`${hours} hours; ${problems.length} problems\n`);
  return problems.length === 0;
}
