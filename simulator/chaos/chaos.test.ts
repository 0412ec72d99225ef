// A small share of the chaos in every run of the tests: what it has found before, and new worlds by a fixed seed.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { drawPlan } from './draw-plan.ts';
import { faultNames } from './fault-table.ts';
import { judge } from './judge.ts';
import { playWorld } from './play-world.ts';
import { shrinkPlan } from './shrink.ts';
import type { WorldPlan } from './world-plan.ts';

const foundFolder = join(import.meta.dirname, 'found');
const seeds = [900_001];
const callsPerWorld = 12;

async function play(t: TestContext, plan: WorldPlan): Promise<void> {
  const world = await playWorld(plan);
  t.diagnostic(`${world.calls.length} calls; ${world.faults.map(({ name }) => name).join(', ')}`);
  assert.deepEqual(judge(world), []);
}

describe('random calls with random faults break no rule', () => {
  // docs/reliability.md tells what each has shown.
  for (const file of readdirSync(foundFolder))
    it(`as in the world of ${file}, which once did`, (t) =>
      play(t, JSON.parse(readFileSync(join(foundFolder, file), 'utf8')) as WorldPlan));

  for (const seed of seeds) it(`seed ${seed}`, (t) => play(t, drawPlan(seed, { calls: callsPerWorld, faultNames })));
});

it('a seed draws one plan, and another seed another one', () => {
  const draw = (seed: number) => drawPlan(seed, { calls: 5, faultNames });
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7).calls, draw(8).calls);
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
