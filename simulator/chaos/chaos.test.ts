// A small share of the chaos, by a fixed seed, in every run of the tests: nobody is left in silence, and nothing is lost, left or told.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawPlan } from './draw-plan.ts';
import { faultNames } from './fault-table.ts';
import { judge } from './judge.ts';
import { playWorld } from './play-world.ts';
import { shrinkFaults } from './shrink.ts';

/** Each has found a defect, of the product or of the world around it: docs/reliability.md tells which. */
const seeds = [200_005, 200_007, 300_009, 400_004, 400_023];
const callsPerWorld = 12;

describe('random calls with random faults break no rule', () => {
  for (const seed of seeds) {
    it(`seed ${seed}`, async (t) => {
      const world = await playWorld(drawPlan(seed, { calls: callsPerWorld, faultNames }));
      t.diagnostic(`${world.calls.length} calls; ${world.faults.map(({ name }) => name).join(', ')}`);
      assert.deepEqual(judge(world), []);
    });
  }
});

it('a seed draws one plan, and another seed another one', () => {
  const draw = (seed: number) => drawPlan(seed, { calls: 5, faultNames });
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7).calls, draw(8).calls);
});

it('a list of faults is shrunk to those that it takes', async () => {
  const faults = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, atMs: 0, forMs: 1, draw: 1 }));
  const plan = { ...drawPlan(1, { calls: 0, faultNames }), faults };
  const takes = (...names: string[]) =>
    shrinkFaults(plan, async ({ faults }) => names.every((name) => faults.some((fault) => fault.name === name)));
  assert.deepEqual(
    (await takes('b', 'e')).faults.map(({ name }) => name),
    ['b', 'e'],
  );
  assert.deepEqual((await takes()).faults, []);
});
