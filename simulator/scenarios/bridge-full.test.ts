// More callers than the bridge has room for: they hear that all lines are busy, or the busy signal, and the record says so.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorSchema } from '../../shared/api.ts';
import { type Carrier, phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { levelDb } from '../voice/tone.ts';
import { placeCall } from './carrier-leg.ts';
import { type Machines, readRecord, startMachines } from './machines.ts';

const [first, second] = ['+15550171', '+15550172'];
const isEnded = ({ status }: { readonly status: string }) => status === 'ended';
/** The bridges tell how full they are every two seconds. */
const untilAllKnowMs = 4_000;
/** What a voice has at least, averaged over the whole announcement. */
const voiceDb = -40;

const start = (t: TestContext, settings: Readonly<Record<string, string>> = {}) =>
  startMachines(t, { bridges: 1 }, { MAX_CALLS: '1', ...settings });

async function ring(world: Machines, carrier: Carrier, number: string, script: readonly PersonStep[]) {
  const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
  return person.done;
}

const staying: readonly PersonStep[] = [{ pauseMs: 40_000 }, { hangUp: true }];
const waiting: readonly PersonStep[] = [{ wait: 'line-closed', maxMs: 30_000 }];

for (const carrier of phoneCarriers) {
  describe(`a caller at ${carrier} for whom the bridge has no room`, () => {
    const endOf = (world: Machines, number: string) => readRecord(world, number, isEnded, 30_000);

    it('hears that all lines are busy', async (t) => {
      const world = await start(t);
      void ring(world, carrier, first, staying);
      await sleep(untilAllKnowMs);
      const report = await ring(world, carrier, second, waiting);
      assert.equal(report.outcome, 'finished', report.reason);
      const { twilio, acs } = world.standIns;
      if (carrier === 'twilio') assert.match(twilio.calls.at(-1)!.said.join(' '), /^All our lines are busy/);
      else {
        assert.ok(levelDb(report.heard) > voiceDb, `${levelDb(report.heard)} dB`);
        assert.ok(report.heard.length / 16_000 > 4, `${report.heard.length / 16_000} s`);
        assert.equal(acs.calls.at(-1)!.media.events.length, 0);
      }
      assert.equal((await endOf(world, second))?.end_reason, 'bridge-full');
      assert.equal((await readRecord(world, first, () => true))?.status, 'active');
    });

    it('hears it also when that shows only after the answer', async (t) => {
      const world = await start(t);
      await sleep(untilAllKnowMs);
      void ring(world, carrier, first, staying);
      const report = await ring(world, carrier, second, waiting);
      assert.equal(report.outcome, 'finished', report.reason);
      const ends = await Promise.all([endOf(world, first), endOf(world, second)]);
      assert.equal(ends.filter((end) => end?.end_reason === 'bridge-full').length, 1);
    });

    it('hears the busy signal where that is set, and is not answered', async (t) => {
      const world = await start(t, { WHEN_FULL: 'busy' });
      void ring(world, carrier, first, staying);
      await sleep(untilAllKnowMs);
      const { twilio, acs } = world.standIns;
      const person = await createPerson({ script: waiting, speak: (text) => world.standIns.voice.speak(text) });
      if (carrier === 'acs') {
        const { ended } = acs.ring({ from: second, phone: person });
        assert.deepEqual(await ended, { by: 'application', code: 486, subCode: 560486 });
      } else {
        const call = twilio.ring({ from: second, to: [...twilio.numbers.keys()][0]!, phone: person });
        assert.equal((await call.ended).status, 'busy');
      }
      const record = await endOf(world, second);
      assert.deepEqual([record?.end_reason, record?.connected_at], ['bridge-full', undefined]);
    });

    it('is not dialled, and the order can be given again', async (t) => {
      const world = await start(t);
      void ring(world, carrier, first, staying);
      await sleep(untilAllKnowMs);
      const order = () => world.ask('/api/call', { to: second, carrier, idempotency_key: 'k' });
      const refused = await order();
      assert.equal(refused.status, 503);
      assert.equal(errorSchema.parse(await refused.json()).error.code, 'BRIDGE_FULL');
      await sleep(45_000);
      assert.equal((await order()).status, 201);
    });
  });
}
