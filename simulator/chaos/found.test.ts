// What the chaos has found before, in every run of the tests: each world once broke a rule.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { judge } from './judge.ts';
import { playWorld } from './play-world.ts';
import type { WorldPlan } from './world-plan.ts';

const foundFolder = join(import.meta.dirname, 'found');

describe('random calls with random faults break no rule, as once they did', () => {
  // docs/reliability.md tells what each has shown.
  for (const file of readdirSync(foundFolder))
    it(`in the world of ${file}`, async (t) => {
      const world = await playWorld(JSON.parse(readFileSync(join(foundFolder, file), 'utf8')) as WorldPlan);
      t.diagnostic(`${world.calls.length} calls; ${world.faults.map(({ name }) => name).join(', ')}`);
      assert.deepEqual(judge(world), []);
    });
});
