// Keys that the caller presses: one number is one message, and they interrupt the agent.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import { getWire, placeCall } from './carrier-leg.ts';
import { startWatchedWorld } from './watched-world.ts';

const number = '+15550159';
const answer = 'Sorry, I did not understand.';

describe('ten keys in three seconds are one message, and stop the agent at the first', () => {
  for (const carrier of phoneCarriers) {
    it(`at ${carrier}`, async (t) => {
      const { world, calls } = await startWatchedWorld(t);
      const { realtime, voice } = world.standIns;
      const opened = realtime.nextSession();
      const keys = [...'0123456789'].flatMap((press) => [{ press }, { pauseMs: 300 }]);
      const person = await createPerson({
        script: [{ wait: 'agent-speaking' }, { pauseMs: 1_000 }, ...keys, { pauseMs: 6_000 }, { hangUp: true }],
        speak: (text) => voice.speak(text),
      });
      await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
      const { log } = await opened;
      const report = await person.done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.equal(await calls.ended(number), 'caller-hung-up');
      const told = log.of('conversation.item.create').map(({ item }) => JSON.stringify(item));
      assert.equal(told.length, 1, told.join());
      assert.match(told[0]!, /The caller pressed the keys 0123456789\./);
      assert.equal(getWire(world, { carrier, number }).stops.length, 1);
      const said = calls.turnsOf(number);
      assert.deepEqual(
        said.map(({ interrupted }) => interrupted),
        [true, false],
      );
      assert.equal(said[1]?.text, answer);
      const pressed = report.timeline.filter(({ type }) => type === 'pressed');
      const spoke = report.timeline.findLast(({ type }) => type === 'agent-started')!;
      const waitedMs = spoke.atMs - pressed.at(-1)!.atMs;
      assert.ok(waitedMs > 2_000 && waitedMs < 3_600, `${waitedMs} ms`);
    });
  }
});
