// A small share of the chaos in every run of the tests: new worlds by fixed seeds. `found.test.ts` plays what it has found before.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { drawPlan } from './draw-plan.ts';
import { turn } from './fault.ts';
import { faultNames } from './fault-table.ts';
import { judge } from './judge.ts';
import { playWorld } from './play-world.ts';
import { Results } from './results.ts';
import { shrinkPlan } from './shrink.ts';

const seeds = [900_001, 900_002];
const callsPerWorld = 61;
/** Short calls: an hour of audio costs what it costs, and here it is the number of calls and faults that counts. */
const mostTurns = 2;

describe('random calls with random faults break no rule', () => {
  for (const seed of seeds)
    it(`seed ${seed}`, async (t) => {
      const world = await playWorld(drawPlan(seed, { calls: callsPerWorld, faultNames, mostTurns }));
      t.diagnostic(`${world.calls.length} calls; ${world.faults.map(({ name }) => name).join(', ')}`);
      assert.deepEqual(judge(world), []);
    });
});

it('a seed draws one plan, and another seed another one', () => {
  const draw = (seed: number) => drawPlan(seed, { calls: 5, faultNames });
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7).calls, draw(8).calls);
});

it('faults that turn the same switches at once leave them as they were, in whatever order they end', () => {
  for (const order of [
    [0, 1, 2],
    [2, 0, 1],
    [1, 2, 0],
  ]) {
    const switches = { refuse: false, oneWayMs: 0, jitterMs: 5 };
    const refused = { refuse: true };
    const struck = [turn(switches, refused), turn(switches, { oneWayMs: 80 }), turn(switches, refused)];
    assert.deepEqual(switches, { refuse: true, oneWayMs: 80, jitterMs: 5 });
    const seen = order.map((index) => {
      void struck[index]!.undo?.();
      return { ...switches };
    });
    assert.ok(order.at(-1) === 1 || seen[1]!.refuse, 'one of two is over');
    assert.deepEqual(seen[2], { refuse: false, oneWayMs: 0, jitterMs: 5 });
  }
});

it('a plan is shrunk to the faults and the calls that it takes', async () => {
  const faults = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, atMs: 0, forMs: 1, draw: 1 }));
  const plan = { ...drawPlan(1, { calls: 5, faultNames }), faults };
  const [first, , third] = plan.calls;
  const takes = async (names: readonly string[], numbers: readonly string[]) => {
    const { faults, calls } = await shrinkPlan(plan, async ({ faults, calls }) => {
      const hasFaults = names.every((name) => faults.some((fault) => fault.name === name));
      return hasFaults && numbers.every((number) => calls.some((call) => call.number === number));
    });
    return [faults.map(({ name }) => name), calls.map(({ number }) => number)];
  };
  const numbers = [first!.number, third!.number];
  assert.deepEqual(await takes(['b', 'e'], numbers), [['b', 'e'], numbers]);
  assert.deepEqual(await takes([], []), [[], []]);
});

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
