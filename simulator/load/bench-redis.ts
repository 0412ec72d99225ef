// Measures what live calls ask of one Redis: their events, partial transcripts and holds, with functions that read along with all of them.
import { createClient } from 'redis';
import { silentLogger as log } from '../../shared/logger.ts';
import { createRedisStores } from '../../shared/stores/redis-stores.ts';
import { readCommandLine, readCount } from '../command-line.ts';
import { startRedisServer } from '../redis-server.ts';
import { TalkingCall } from './talking-call.ts';

const usage = `What live calls ask of one Redis: npm run bench:redis -- [options]

  --calls NUMBER      600 without it
  --bridges NUMBER    that hold them; 6 without it
  --seconds NUMBER    20 without it`;
const { values } = readCommandLine(usage, {
  options: {
    calls: { type: 'string', default: '600' },
    bridges: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '20' },
  },
});
const count = readCount('calls', values.calls);
const bridges = readCount('bridges', values.bridges);
const seconds = readCount('seconds', values.seconds);
/** As bridges do. */
const reportEveryMs = 500;
/** For the calls that were opened at once. */
const settleMs = 2_000;
const catchUpMs = 5_000;

const redis = await startRedisServer();
if (!redis) throw new Error('redis-server is not installed');
const client = await createClient({ url: redis.url }).connect();

async function readInfo() {
  const info = await client.info();
  const read = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  return {
    cpuSeconds: read('used_cpu_user') + read('used_cpu_sys'),
    commands: read('total_commands_processed'),
    bytesIn: read('total_net_input_bytes'),
    bytesOut: read('total_net_output_bytes'),
    memory: read('used_memory'),
  };
}

const reader = createRedisStores(redis.url, { replica: 'functions', log });
let [heardEvents, heardPartials] = [0, 0];
reader.stream.subscribe('all', () => heardEvents++);
reader.stream.subscribePartials('all', () => heardPartials++);
await reader.stream.ping();

const tookMs: number[] = [];
const onWritten = (ms: number) => tookMs.push(ms);
const fleet = Array.from({ length: bridges }, (_, n) => {
  const stores = createRedisStores(redis.url, { replica: `bridge-${n}`, log });
  const calls = Array.from({ length: Math.ceil((count - n) / bridges) }, (_, call) => {
    const phase = (call * bridges + n) / count;
    return new TalkingCall({ ...stores, replica: `bridge-${n}`, phase, onWritten });
  });
  const report = () =>
    stores.bridgeLoads.report({ replica: `bridge-${n}`, calls: calls.length, freePlaces: 0 }, 4 * reportEveryMs);
  return { stores, calls, reports: setInterval(() => void report(), reportEveryMs) };
});
const calls = fleet.flatMap(({ calls }) => calls);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const idle = await readInfo();
for (const call of calls) await call.begin();
await wait(settleMs);
const [before, startedMs] = [await readInfo(), performance.now()];
const [writtenBefore, partialsBefore] = [tookMs.length, heardPartials];
await wait(seconds * 1_000);
const [after, elapsed] = [await readInfo(), (performance.now() - startedMs) / 1_000];
const [took, partials] = [tookMs.slice(writtenBefore), heardPartials - partialsBefore];
await Promise.all(calls.map((call) => call.end()));
for (let waited = 0; heardEvents < tookMs.length && waited < catchUpMs; waited += 50) await wait(50);

const rate = (name: keyof typeof before) => (after[name] - before[name]) / elapsed;
const sorted = took.toSorted((a, b) => a - b);
const at = (share: number) => sorted[Math.floor(share * sorted.length)]?.toFixed(1);
console.log(`${calls.length} calls on ${bridges} bridges for ${elapsed.toFixed(1)} s, one reader of all`);
console.log(
  `events ${(took.length / elapsed).toFixed(0)} a second, written in ${at(0.5)} ms (p50), ${at(0.99)} ms (p99)`,
);
console.log(`partial transcripts ${(partials / elapsed).toFixed(0)} a second heard by the reader`);
console.log(
  `Redis: ${(100 * rate('cpuSeconds')).toFixed(1)} % of a core, ${rate('commands').toFixed(0)} commands a second`,
);
console.log(`${(rate('bytesIn') / 1e6).toFixed(2)} MB a second in, ${(rate('bytesOut') / 1e6).toFixed(2)} out`);
console.log(`${((after.memory - idle.memory) / 1_000 / calls.length).toFixed(1)} kB a call`);
console.log(`${heardEvents} of ${tookMs.length} events heard`);
process.exitCode = heardEvents === tookMs.length ? 0 : 1;

for (const { stores, reports } of fleet) {
  clearInterval(reports);
  await stores.close();
}
await reader.close();
await client.close();
await redis.stop();
