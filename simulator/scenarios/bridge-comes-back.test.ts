// The only bridge dies in the midst of a call at Twilio and is up again some seconds later: the call waits for it, with words.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { poll } from './carrier-leg.ts';
import { type Machines, readRecord, startMachines } from './machines.ts';

const number = '+15550162';
const question = 'What are your opening hours?';
/** Of the receptionist, and the caller knows that it is over. */
const greetingMs = 6_000;
/** With the pauses between two tries, and what Twilio takes to say the words of one. */
const foundAgainWithinMs = 5_000;

/** The agent greets; then its bridge dies. */
async function ringAndKill({ standIns, product }: Machines, script: readonly PersonStep[]) {
  const { twilio, voice } = standIns;
  const person = await createPerson({
    script: [{ wait: 'agent-finished' }, ...script],
    speak: (text) => voice.speak(text),
  });
  const call = twilio.ring({ from: number, to: [...twilio.numbers.keys()][0]!, phone: person });
  await poll(
    async () => call.streams[0]?.received.length ?? 0,
    (frames) => frames > 0,
    30_000,
  );
  await sleep(greetingMs);
  product.bridges[0]!.kill();
  return { call, done: person.done };
}

describe('a bridge that is killed in the midst of a call at Twilio', () => {
  for (const awaySeconds of [4, 7, 11, 26]) {
    it(`finds the call when it is up again after ${awaySeconds} s, and the caller is told to wait`, async (t) => {
      const world = await startMachines(t);
      const { call, done } = await ringAndKill(world, [
        { wait: 'agent-finished', maxMs: 60_000 },
        { say: question },
        { wait: 'agent-finished' },
        { hangUp: true },
      ]);
      const killedMs = performance.now();
      await sleep(awaySeconds * 1000);
      await world.product.addBridge();
      const upMs = performance.now();
      const report = await done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.ok(report.lines[0]?.answeredAfterMs !== undefined, 'the question was answered');
      const again = call.streams.at(-1)!.received[0]!.atMs;
      assert.ok(again - upMs < foundAgainWithinMs, `${again - upMs} ms after it was up`);
      // Nobody is left without a word for long, nor told to wait all the time.
      const waitedSeconds = (upMs - killedMs) / 1000;
      assert.ok(call.said.length >= Math.ceil(waitedSeconds / 6) && call.said.length <= Math.ceil(waitedSeconds / 4));
      const record = await readRecord(world, number, ({ status }) => status === 'ended');
      assert.equal(record?.end_reason, 'caller-hung-up');
    });
  }

  it('is not waited for longer than half a minute: the caller is told, and the record says why', async (t) => {
    const world = await startMachines(t);
    const { call, done } = await ringAndKill(world, [{ wait: 'line-closed', maxMs: 60_000 }]);
    const killedMs = performance.now();
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    const waitedMs = performance.now() - killedMs;
    assert.ok(waitedMs > 30_000 && waitedMs < 45_000, `${waitedMs} ms`);
    assert.match(call.said.at(-1)!, /^We are sorry/);
    const record = await readRecord(world, number, ({ status }) => status === 'ended');
    assert.equal(record?.end_reason, 'media-lost');
  });
});
