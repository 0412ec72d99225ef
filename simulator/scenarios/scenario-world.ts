// A world for the tests of one file: it keeps its data in a folder of its own and leaves nothing behind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWorld, type World, type WorldOptions } from '../world/world.ts';

/** Phones ring and carriers try again ten times as fast as they do; what is said takes its time. */
const timeScale = 0.1;

export async function startScenarioWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-scenario-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  // The hour at which the tests run is nobody's quiet hour.
  const settings = { DATA_FOLDER: folder, DIAL_QUIET_HOURS: 'none', LOG_LEVEL: 'fatal', ...options.settings };
  try {
    const world = await startWorld({ timeScale, ...options, settings });
    return {
      ...world,
      async stop() {
        await world.stop();
        await forget();
      },
    };
  } catch (error) {
    await forget();
    throw error;
  }
}
