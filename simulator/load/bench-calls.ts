// Measures how many calls one core carries: the built bridge beside a naive sketch, in turns, with more calls until frames come late.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEngines } from './engines.ts';
import { type LoadResult, measure } from './load-run.ts';
import { findVerdict, type Verdict } from './verdict.ts';

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'parley,path,naive' },
    /** Another build of the bridge, as a folder: measured beside ours under the name `other`. */
    other: { type: 'string' },
    from: { type: 'string', default: '50' },
    to: { type: 'string', default: '1000' },
    step: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '8' },
    /** Before: until the engine has compiled what is hot. */
    warm: { type: 'string', default: '5' },
    /** For Node, of the bridges that are ours: `--cpu-prof --cpu-prof-dir=out` says where the time goes. */
    node: { type: 'string', default: '--single-threaded-gc' },
    burst: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '1' },
    tls: { type: 'boolean', default: false },
    'bridge-core': { type: 'string', default: '0' },
    'load-core': { type: 'string', default: '1' },
    json: { type: 'string', default: 'out/bench-calls.json' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'parley-load-'));
// What else there is, the store of live calls above all, is not to be on the core of the bridge.
execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', values['load-core'], String(process.pid)]);
const world = await createEngines({
  folder,
  names: values.engines.split(','),
  other: values.other,
  tls: values.tls,
  nodeFlags: values.node.split(' '),
});
const results: (LoadResult & Verdict)[] = [];
try {
  const failures = new Map<string, number>();
  for (let calls = Number(values.from); calls <= Number(values.to); calls += Number(values.step)) {
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const engine of world.engines) {
        // Twice over the limit: more calls will not do better.
        if ((failures.get(engine.name) ?? 0) >= 2) continue;
        const measured = await measure(engine, {
          secret: world.secret,
          calls,
          burst: Number(values.burst),
          warmMs: Number(values.warm) * 1_000,
          measureMs: Number(values.seconds) * 1_000,
          bridgeCore: Number(values['bridge-core']),
          loadCore: Number(values['load-core']),
          certificate: world.certificate,
        }).catch((error: Error) =>
          console.log(`${engine.name.padEnd(8)}  ${calls} calls could not be held: ${error.message.split('\n', 1)}`),
        );
        if (!measured) {
          failures.set(engine.name, (failures.get(engine.name) ?? 0) + 1);
          continue;
        }
        const verdict = findVerdict(measured);
        results.push({ ...measured, ...verdict });
        if (verdict.verdict === 'late') failures.set(engine.name, (failures.get(engine.name) ?? 0) + 1);
        if (verdict.verdict === 'held') failures.set(engine.name, 0);
        console.log(formatRow(results.at(-1)!));
      }
    }
    if (world.engines.every(({ name }) => (failures.get(name) ?? 0) >= 2)) break;
  }
} finally {
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.table(
  Object.fromEntries(
    world.engines.map(({ name }) => {
      const held = results.filter(({ engine, verdict }) => engine === name && verdict === 'held');
      return [name, { 'calls held': Math.max(0, ...held.map(({ calls }) => calls)) }];
    }),
  ),
);
writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);

function formatRow(result: LoadResult & Verdict): string {
  const { engine, calls, added, cpuUsAFrame, busyShare, othersShare, memoryKbACall, lateness, lostFrames } = result;
  const percent = (share: number) => `${Math.round(share * 100)} %`.padStart(5);
  return [
    engine.padEnd(8),
    `${calls} calls`.padStart(10),
    `${cpuUsAFrame.toFixed(1)} µs a frame`.padStart(16),
    `core ${percent(busyShare)} + others ${percent(othersShare)}`,
    `added p50 ${added.p50Ms} p99 ${added.p99Ms} p99.9 ${added.p999Ms} max ${added.maxMs} ms`,
    `load p99 ${lateness.p99Ms} ms late`,
    `${Math.round(memoryKbACall)} kB a call`,
    `lost ${lostFrames}`,
    result.verdict,
  ].join('  ');
}
