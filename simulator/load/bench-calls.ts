// Measures how many calls one core carries: the built bridge beside a naive sketch, in turns, with more calls until frames come late.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readCommandLine, readCount } from '../command-line.ts';
import { CallSearch } from './call-search.ts';
import { createEngines, imageFlags } from './engines.ts';
import { type Engine, type LoadResult, measure } from './load-run.ts';
import { formatRow, medianOf } from './result-rows.ts';
import { findVerdict, type Verdict } from './verdict.ts';

const usage = `Raises calls until frames come late, for each engine in turns: npm run bench:calls -- [options]

  --engines NAMES     of parley, path and naive, by commas; all without it
  --other FOLDER      another build of the bridge, measured beside ours under the name other
  --from, --to, --step CALLS
  --search            by doubling and halves, as exactly as a step, instead of step by step
  --seconds, --warm SECONDS   measured, and before: until the engine has compiled what is hot
  --rounds NUMBER     of which the median is told
  --burst CALLS       opened at once beside the others
  --tls               on the model's leg
  --in-turns          as people talk: questions, and replies that come faster than they are heard; parley and --other only
  --node FLAGS        for bridges that are ours: "--cpu-prof --cpu-prof-dir=out" says where the time goes
  --bridge-core, --load-core NUMBER
  --json FILE`;
const { values } = readCommandLine(usage, {
  options: {
    engines: { type: 'string', default: 'parley,path,naive' },
    other: { type: 'string' },
    from: { type: 'string', default: '50' },
    to: { type: 'string', default: '1000' },
    step: { type: 'string', default: '50' },
    search: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '8' },
    warm: { type: 'string' },
    node: { type: 'string', default: imageFlags.join(' ') },
    burst: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    tls: { type: 'boolean', default: false },
    'in-turns': { type: 'boolean', default: false },
    'bridge-core': { type: 'string', default: '0' },
    'load-core': { type: 'string', default: '1' },
    json: { type: 'string', default: 'out/bench-calls.json' },
  },
});
const range = {
  from: readCount('from', values.from),
  to: readCount('to', values.to),
  step: readCount('step', values.step),
};
const rounds = readCount('rounds', values.rounds);
// Calls that talk in turns begin at once, and ask at times of their own behind their greeting.
const warmMs = readCount('warm', values.warm ?? (values['in-turns'] ? '20' : '5')) * 1_000;
const measureMs = readCount('seconds', values.seconds) * 1_000;
const folder = mkdtempSync(join(tmpdir(), 'parley-load-'));
// What else there is, the store of live calls above all, is not to be on the core of the bridge.
execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', values['load-core'], String(process.pid)]);
const world = await createEngines({
  folder,
  names: values['in-turns'] ? ['parley'] : values.engines.split(','),
  other: values.other,
  tls: values.tls,
  nodeFlags: values.node.split(' '),
});
const results: (LoadResult & Verdict)[] = [];
try {
  if (values.search) await search();
  else await climb();
} finally {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
}
const heldBy = (name: string) =>
  results.filter(({ engine, verdict }) => engine === name && verdict === 'held').map(({ calls }) => calls);
console.table(
  Object.fromEntries(world.engines.map(({ name }) => [name, { 'calls held': Math.max(0, ...heldBy(name)) }])),
);
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);

async function climb(): Promise<void> {
  const failures = new Map<string, number>();
  // Twice over the limit: more calls will not do better.
  const isOut = ({ name }: Engine) => (failures.get(name) ?? 0) >= 2;
  for (let calls = range.from; calls <= range.to && !world.engines.every(isOut); calls += range.step) {
    const engines = world.engines.filter((engine) => !isOut(engine));
    for (const [engine, verdict] of await measureAll(engines.map((engine) => [engine, calls]))) {
      if (verdict === 'held') failures.set(engine.name, 0);
      if (verdict === 'late') failures.set(engine.name, (failures.get(engine.name) ?? 0) + 1);
    }
  }
}

async function search(): Promise<void> {
  const searches = new Map(world.engines.map((engine) => [engine, new CallSearch(range)]));
  for (;;) {
    const open = [...searches].flatMap(([engine, { next }]) => (next === undefined ? [] : [[engine, next] as const]));
    if (open.length === 0) return;
    // A load that cannot keep up says nothing, and with more calls it will not say more.
    for (const [engine, verdict] of await measureAll(open)) searches.get(engine)!.tell(verdict === 'held');
  }
}

/** In turns, as often as is wanted; the verdict is the one on the median. */
async function measureAll(tasks: readonly (readonly [Engine, number])[]): Promise<Map<Engine, Verdict['verdict']>> {
  const measured = new Map<Engine, LoadResult[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [engine, calls] of tasks) {
      const result = await measureOnce(engine, calls);
      if (result) measured.set(engine, [...(measured.get(engine) ?? []), result]);
    }
  }
  return new Map(
    tasks.map(([engine]) => {
      const found = measured.get(engine);
      if (!found) return [engine, 'late'];
      const median = medianOf(found);
      const judged = { ...median, ...findVerdict(median) };
      if (found.length > 1) console.log(formatRow(judged, `median of ${found.length}`));
      return [engine, judged.verdict];
    }),
  );
}

async function measureOnce(engine: Engine, calls: number): Promise<LoadResult | undefined> {
  try {
    const result = await measure(engine, {
      secret: world.secret,
      calls,
      burst: Number(values.burst),
      inTurns: values['in-turns'],
      warmMs,
      measureMs,
      bridgeCore: Number(values['bridge-core']),
      loadCore: Number(values['load-core']),
      certificate: world.certificate,
    });
    results.push({ ...result, ...findVerdict(result) });
    console.log(formatRow(results.at(-1)!));
    return result;
  } catch (error) {
    const [reason] = String((error as Error).message).split('\n', 1);
    console.log(`${engine.name.padEnd(8)}  ${calls} calls could not be held: ${reason}`);
    return undefined;
  }
}
