// A process that lives through hours of calls and tells after each what it holds: `SEED=7 node play-long-life.ts '{…}'`.
import '../virtual-time/install.ts';

import { findGrowth, formatHoldings } from './growth.ts';
import { type LivedHour, type LongLifePlan, liveLong } from './long-life.ts';

const plan = JSON.parse(process.argv[2]!) as LongLifePlan;
const lived: LivedHour[] = [];
const problems: string[] = [];
const tell = (text: string) => process.stderr.write(`${text}\n`);
for await (const hour of liveLong(plan)) {
  const first = lived[0] ?? hour;
  lived.push(hour);
  const cpu = process.cpuUsage();
  tell(
    `hour ${hour.hour}: ${hour.calls} calls, ${hour.faults} faults, ${hour.violations.length} violations, ` +
      `${formatHoldings(hour)}, ${Math.round((cpu.user + cpu.system) / 1e6)} CPU s`,
  );
  const broken = hour.violations.map(({ rule, what, number, atMs }) =>
    [`hour ${hour.hour} breaks a rule, ${rule}: ${what}`, number, atMs].filter((part) => part !== undefined).join(' '),
  );
  const found = [...broken, ...findGrowth(first, hour).map((what) => `hour ${hour.hour} has more ${what}`)];
  for (const problem of found) tell(`  ${problem}`);
  problems.push(...found);
}
process.stdout.write(`${JSON.stringify({ lived: lived.length, problems })}\n`);
