// A small share of the chaos in every run of the tests: new worlds by fixed seeds. `found.test.ts` plays what it has found before.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawPlan } from './draw-plan.ts';
import { faultNames } from './fault-table.ts';
import { judge } from './judge.ts';
import { playWorld } from './play-world.ts';
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
