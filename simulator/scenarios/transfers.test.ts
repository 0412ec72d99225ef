// Callers who ask for a person, over both carriers: each ends with the person, or with the agent who says why not.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { carriers } from '../../shared/call/call.ts';
import type { Machines } from './machines.ts';
import { runTransfer, startTransferWorld, transferEndings } from './transfer-run.ts';

describe('a caller who asks for a person', () => {
  let world: Machines;
  before(async () => {
    world = await startTransferWorld();
  });
  after(() => world.stop());

  for (const carrier of carriers)
    for (const [index, ending] of transferEndings.entries())
      it(`through ${carrier}: ${ending}`, async (t) => {
        const report = await runTransfer(world, { carrier, ending, seed: index + 1 });
        t.diagnostic(`${report.endsWith} after ${report.tookMs} ms ${report.said}`);
        assert.equal(report.problem, undefined);
      });
});
