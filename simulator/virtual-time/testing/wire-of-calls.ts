// Plays calls over both carriers and all models in virtual time, and prints what was on the wire in one line.
import { virtualTime } from '../install.ts';

const { randomUUID } = await import('node:crypto');
const { startScenarioWorld } = await import('../../scenarios/scenario-world.ts');
const { placeDemoCall } = await import('../../world/demo-call.ts');
type Call = Parameters<typeof placeDemoCall>[2];

const wire = virtualTime.recordWire();
const world = await startScenarioWorld();
const calls: Call[] = [
  { carrier: 'acs', model: 'gpt-realtime', direction: 'inbound', caller: { scenario: 'interruption' } },
  { carrier: 'twilio', model: 'cascade', direction: 'outbound', caller: { scenario: 'tool' } },
  { carrier: 'acs', model: 'voice-live', direction: 'outbound', caller: { scenario: 'question' } },
];
await Promise.all(calls.map((call, n) => placeDemoCall(world, `+1555014000${n}`, call, () => {})));
await world.stop();
// The last number drawn tells whether anybody drew one more than in another run.
console.log(
  JSON.stringify({ digest: wire.digest(), bytes: wire.bytes, endedMs: virtualTime.nowMs, lastId: randomUUID() }),
);
process.exit(0);
