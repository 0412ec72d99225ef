// What was played is found again, whatever becomes of the run.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { drawPlan } from './draw-plan.ts';
import { faultNames } from './fault-table.ts';
import { Results } from './results.ts';

describe('what was played is kept', () => {
  const verdictOf = (seed: number) => ({ plan: drawPlan(seed, { calls: 1, faultNames }), violations: [], costs: [] });
  const seedsIn = async (path: string) => (await Results.open(path)).verdicts.map(({ plan }) => plan.seed);

  it('also where its folder is cleared away in the midst of the run, by two at once', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'seed-1.jsonl');
    const results = await Results.open(path);
    await results.add(verdictOf(1));
    await rm(folder, { recursive: true });
    await Promise.all([results.add(verdictOf(2)), results.add(verdictOf(3))]);
    assert.deepEqual(await seedsIn(path), [1, 2, 3]);
  });

  it('but for what a crash cut short, which takes nothing else with it', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'seed-1.jsonl');
    await (await Results.open(path)).add(verdictOf(1));
    await writeFile(path, `${await readFile(path, 'utf8')}{"plan":{"seed":2`);
    await (await Results.open(path)).add(verdictOf(3));
    assert.deepEqual(await seedsIn(path), [1, 3]);
  });
});
