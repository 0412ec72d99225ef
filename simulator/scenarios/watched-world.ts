// A world for one test, with what its bridge tells of the calls in it.
import type { TestContext } from 'node:test';
import type { World, WorldOptions } from '../world/world.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

export interface WatchedWorld {
  readonly world: World;
  readonly calls: LiveCalls;
}

/** Both end with the test. */
export async function startWatchedWorld(t: TestContext, options: WorldOptions = {}): Promise<WatchedWorld> {
  const world = await startScenarioWorld(options);
  const calls = await LiveCalls.open(world);
  t.after(async () => {
    calls.close();
    await world.stop();
  });
  return { world, calls };
}
