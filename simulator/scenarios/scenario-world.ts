// A world for the tests of one file: it keeps its data in a folder of its own and leaves nothing behind.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Product, startProductHere } from '../world/product.ts';
import { startWorldWith, type World, type WorldOptions } from '../world/world.ts';

/** Phones ring and carriers try again ten times as fast as they do; what is said takes its time. */
const timeScale = 0.1;

export function startScenarioWorld(options: WorldOptions = {}): Promise<World> {
  return startScenarioWorldWith(options, startProductHere);
}

/** With a product that is started in another way, on several machines, say. */
export async function startScenarioWorldWith<Kind extends Product>(
  options: WorldOptions,
  startProduct: Parameters<typeof startWorldWith<Kind>>[1],
): Promise<World<Kind>> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-scenario-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  // The hour at which the tests run is nobody's quiet hour.
  const settings = { DATA_FOLDER: folder, DIAL_QUIET_HOURS: 'none', LOG_LEVEL: 'fatal', ...options.settings };
  try {
    const world = await startWorldWith({ timeScale, ...options, settings }, startProduct);
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
