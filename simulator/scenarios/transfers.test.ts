// Callers who ask for a person, over both carriers: each ends with the person, or with the agent who says why not.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PhoneCarrier, phoneCarriers } from '../../shared/call/call.ts';
import type { Machines } from './machines.ts';
import { drainMoments, type TransferEnding } from './transfer-plan.ts';
import { runTransfer, startTransferWorld } from './transfer-run.ts';

/** What the carriers do differently is played with both; `npm run transfers` plays all with both, with many seeds. */
const played: Readonly<Record<PhoneCarrier, readonly TransferEnding[]>> = {
  acs: ['accepted by key', 'accepted by word', 'voicemail', 'no answer', 'bridge dies', 'caller hangs up'],
  twilio: ['accepted by key', 'declined', 'busy', 'person hangs up', 'bridge dies', 'caller hangs up'],
};

describe('a caller who asks for a person', () => {
  let world: Machines;
  before(async () => {
    world = await startTransferWorld();
  });
  after(() => world.stop());

  for (const [carrier, endings] of Object.entries(played) as [PhoneCarrier, readonly TransferEnding[]][])
    for (const [index, ending] of endings.entries())
      it(`through ${carrier}: ${ending}`, async (t) => {
        const report = await runTransfer(world, { carrier, ending, seed: index + 1 });
        t.diagnostic(`${report.endsWith} after ${report.tookMs} ms ${report.said}`);
        assert.equal(report.problem, undefined);
      });

  for (const [index, carrier] of phoneCarriers.entries()) {
    const ending = index === 0 ? 'accepted by key' : 'declined';
    it(`through ${carrier}, whom an operator hands over warm: ${ending}`, async (t) => {
      const report = await runTransfer(world, { carrier, ending, seed: 1, askedBy: 'operator' });
      t.diagnostic(`${report.endsWith} after ${report.tookMs} ms ${report.said}`);
      assert.equal(report.problem, undefined);
    });
  }

  for (const [n, carrier] of phoneCarriers.entries())
    for (const [index, moment] of drainMoments.entries()) {
      const ending = (n + index) % 2 === 0 ? 'bridge drains' : 'draining bridge dies';
      it(`through ${carrier}: ${ending} at the moment of ${moment}`, async (t) => {
        const report = await runTransfer(world, { carrier, ending, moment, seed: index + 1 });
        t.diagnostic(`${report.endsWith} after ${report.tookMs} ms ${report.said}`);
        assert.equal(report.problem, undefined);
      });
    }
});
