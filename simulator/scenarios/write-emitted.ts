// A command: lives the day of calls that telemetry is tested with, and writes down what its tables have: what queries may ask for.
import '../virtual-time/install.ts';

import { writeFileSync } from 'node:fs';
import { findEmitted } from './emitted-telemetry.ts';
import { liveObservedDay } from './observed-day.ts';

const file = new URL('../../infra/workbook/emitted.json', import.meta.url);

const { ingestion } = await liveObservedDay();
if (ingestion.refused.length > 0) throw new Error(ingestion.refused.join('\n'));
writeFileSync(file, `${JSON.stringify(findEmitted(ingestion.envelopes), undefined, 2)}\n`);
console.log('Written: infra/workbook/emitted.json');
process.exit(0);
