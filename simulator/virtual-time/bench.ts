// Measures virtual time: how many seconds of phone calls one CPU second plays, carrier and model stand-ins included.
import { virtualTime } from './install.ts';

const { ringAs } = await import('../scenarios/inbound-call.ts');
const { startScenarioWorld } = await import('../scenarios/scenario-world.ts');
type Script = Parameters<typeof ringAs>[2];

const callsAtOnce = 10;
const rounds = 2;
const script: Script = [
  { wait: 'agent-finished' },
  { say: 'What are your opening hours?' },
  { wait: 'agent-finished' },
  { say: 'Where are you?' },
  { afterAgentSpokeMs: 900, say: 'Stop, please.' },
  { wait: 'agent-finished' },
  { say: 'Hello.' },
  { wait: 'agent-finished' },
  { hangUp: true },
];

const world = await startScenarioWorld();
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function play(): Promise<number> {
  const reports = [];
  const startedMs = virtualTime.nowMs;
  const lengths: number[] = [];
  for (let n = 0; n < callsAtOnce; n++) {
    const { done } = await ringAs(world, `+1555013${n}`, script);
    reports.push(done.then(() => lengths.push(virtualTime.nowMs - startedMs)));
  }
  await Promise.all(reports);
  return lengths.reduce((sum, length) => sum + length, 0) / 1000;
}

// The first call renders what nobody has said before and warms the code.
await play();
for (let round = 1; round <= rounds; round++) {
  const before = cpuSeconds();
  const seconds = await play();
  const spent = cpuSeconds() - before;
  console.log(`${seconds.toFixed(0)} s of calls in ${spent.toFixed(2)} CPU s: ${(seconds / spent).toFixed(0)} to one`);
}
await world.stop();
