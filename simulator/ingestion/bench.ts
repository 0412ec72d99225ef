// Measures what telemetry costs: the CPU time of all that a bridge with 100 calls tells, made, packed and sent.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readCommandLine, readCount } from '../command-line.ts';
import { startIngestion } from './ingestion.ts';

export interface BenchResult {
  readonly cpuMs: number;
  readonly spans: number;
}

const usage = 'What telemetry costs: npm run bench:telemetry -- [--minutes NUMBER]';
const { values } = readCommandLine(usage, { options: { minutes: { type: 'string', default: '10' } } });
const calls = 100;
const minutes = readCount('minutes', values.minutes);

// The service is another process: what it costs is not ours.
const ingestion = await startIngestion();
const load = new URL('./bench-load.ts', import.meta.url);
const child = fork(load, [ingestion.connectionString, String(calls), String(minutes)], { stdio: 'inherit' });
const [{ cpuMs, spans }] = (await once(child, 'message')) as [BenchResult];
await once(child, 'exit');
const received = ingestion.envelopes.filter(({ data }) => /^Re(quest|moteDependency)Data$/.test(data.baseType)).length;
await ingestion.stop();
if (ingestion.refused.length > 0) throw new Error(`the service refused ${ingestion.refused[0]}`);
if (received !== spans) throw new Error(`${spans} spans were told, and ${received} came`);

const share = ((cpuMs / (minutes * 60_000)) * 100).toFixed(2);
console.log(`${calls} calls for ${minutes} minutes: ${spans} spans, ${Math.round(cpuMs)} ms of CPU time`);
console.log(`${share} % of one core`);
process.exitCode = Number(share) <= 1 ? 0 : 1;
