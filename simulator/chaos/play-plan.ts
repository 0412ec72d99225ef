// A process that plays one plan in virtual time and prints its verdict: `SEED=7 node play-plan.ts '{…}' [folder for a replay]`.
import '../virtual-time/install.ts';

import { playWorld } from './play-world.ts';
import { createReplay } from './replay.ts';
import type { WorldPlan } from './world-plan.ts';
import { createVerdict } from './world-verdict.ts';

const [text, folder] = process.argv.slice(2);
const plan = JSON.parse(text!) as WorldPlan;
const replay = folder === undefined ? undefined : createReplay(folder);
const world = await playWorld(plan, replay && { onCall: replay.keepCall });
const verdict = createVerdict(world);
await replay?.finish(world, verdict);
process.stdout.write(`${JSON.stringify(verdict)}\n`);
