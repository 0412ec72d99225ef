// Measures what the product adds to a turn: from the model's word that the caller is done to the first sound for the carrier.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phoneCarriers, voiceModelKinds } from '../../shared/call/call.ts';
import { placeDemoCall } from './demo-call.ts';
import { startWorld } from './world.ts';

/**
 * The stand-ins' own delays: the synthesis takes 100 ms to its first sound; all others are set to zero, but that the chat
 * model writes a word in 10 ms, and nothing can be spoken before the first sentence or clause is written.
 */
const synthesisMs = 100;

const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'));
const world = await startWorld({
  timeScale: 0.1,
  realtimeTiming: { firstAudioMs: 0 },
  settings: { DATA_FOLDER: folder, DIAL_QUIET_HOURS: 'none', LOG_LEVEL: 'error' },
});
world.standIns.chat.faults.firstTokenMs = 0;
let calls = 0;
for (const carrier of phoneCarriers) {
  for (const model of voiceModelKinds) {
    const latencies: number[] = [];
    const call = { carrier, model, direction: 'outbound', caller: { scenario: 'question' } } as const;
    await placeDemoCall(world, `+1555014000${calls++}`, call, (message) => {
      if (message.type !== 'event' || message.event !== 'reply-timed') return;
      latencies.push(Number(message.details.latencyMs) - (model === 'cascade' ? synthesisMs : 0));
    });
    // The second answer has a tool in it: the model is asked twice.
    console.log(`${carrier.padEnd(7)} ${model.padEnd(13)} answer ${latencies[0]} ms, with a tool ${latencies[1]} ms`);
  }
}
await world.stop();
await rm(folder, { recursive: true, force: true });
