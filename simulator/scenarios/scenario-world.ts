// A world for the tests of one file: it keeps its data in a folder of its own and leaves nothing behind.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Product, startProductHere } from '../world/product.ts';
import { startWorldWith, type World, type WorldOptions } from '../world/world.ts';

/** Phones ring and carriers try again ten times as fast as they do; what is said takes its time. */
const timeScale = 0.1;

export interface ScenarioOptions extends WorldOptions {
  /** Files of agents beside Parley's own, by their names. */
  readonly agents?: Readonly<Record<string, string>>;
}

export function startScenarioWorld(options: ScenarioOptions = {}): Promise<World> {
  return startScenarioWorldWith(options, startProductHere);
}

/** With a product that is started in another way, on several machines, say. */
export async function startScenarioWorldWith<Kind extends Product>(
  options: ScenarioOptions,
  startProduct: Parameters<typeof startWorldWith<Kind>>[1],
): Promise<World<Kind>> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-scenario-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  try {
    const AGENTS_FOLDER = options.settings?.AGENTS_FOLDER ?? (await copyPatientAgents(folder, options.agents));
    // The hour at which the tests run is nobody's quiet hour.
    const usual = { DATA_FOLDER: folder, DIAL_QUIET_HOURS: 'none', LOG_LEVEL: 'fatal' };
    const settings = { ...usual, ...options.settings, AGENTS_FOLDER };
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

/** Parley's own, but for their patience: callers in scenarios are silent for as long as it takes to see what becomes of it. */
async function copyPatientAgents(folder: string, besides: ScenarioOptions['agents'] = {}): Promise<string> {
  const agents = join(folder, 'agents');
  await cp(join(import.meta.dirname, '../../agents'), agents, { recursive: true });
  for (const [name, text] of Object.entries(besides)) await writeFile(join(agents, name), text);
  const files = (await readdir(agents)).filter((name) => name.endsWith('.md'));
  for (const file of files) await makePatient(join(agents, file));
  return agents;
}

async function makePatient(file: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  const front = text.slice(0, text.indexOf('\n---', 3)).replace(/^(silence|longest_call):.*(\n[ \t]+.*)*\n/gm, '');
  const patience = 'silence: { after_seconds: 300 }\nlongest_call: { minutes: 240 }\n';
  await writeFile(file, `${front}\n${patience}${text.slice(text.indexOf('\n---', 3) + 1)}`);
}
