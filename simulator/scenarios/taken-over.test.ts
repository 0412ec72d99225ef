// A bridge that hangs, or is cut off, in the midst of a call, and wakes while another one has it: one voice, one owner.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallId, phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { createMachinesStarter } from '../world/product-machines.ts';
import { cutOff, hang, type Loss } from './bridge-losses.ts';
import { placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

const number = '+15550185';
const greeting = 'Thank you for calling Contoso. How can I help you today?';
const question = 'What are your opening hours?';
const answer = 'We are open from nine to five, Monday to Friday.';
/** The caller hears that the line was interrupted, and asks once the old owner is back. */
const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { pauseMs: 20_000 },
  { say: question },
  { wait: 'agent-finished' },
  { hangUp: true },
];

const losses: Record<string, Loss> = { hangs: hang, 'loses its network': cutOff };

for (const carrier of phoneCarriers) {
  describe(`at ${carrier} another bridge has the call when the one that had it wakes, which`, () => {
    for (const [name, lose] of Object.entries(losses)) {
      it(name, async (t) => {
        const start = createMachinesStarter(virtualTime, { bridges: 2, functions: 1 });
        const world = await startScenarioWorldWith({}, start);
        const calls = await LiveCalls.open(world);
        t.after(async () => {
          calls.close();
          await world.stop();
        });
        const { bridges, stores } = world.product;
        const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
        await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
        const callId = (await calls.callId(number)) as CallId;
        await sleep(7_000);
        const held = await Promise.all(bridges.map((bridge) => bridge.countCalls()));
        const owner = bridges[held.indexOf(1)]!;
        const undo = lose(owner);
        await sleep(12_000);
        undo();
        const report = await person.done;
        assert.equal(report.outcome, 'finished', report.reason);
        await sleep(40_000);
        assert.equal(await owner.countCalls(), 0);

        const events = await stores.stream.read(callId);
        const said = events.flatMap((event) => (event.type === 'turn-finished' ? [event.text] : []));
        assert.equal(said.filter((text) => text === greeting).length, 1, said.join(' | '));
        assert.equal(said.filter((text) => text === answer).length, 1, said.join(' | '));
        const owners = events.flatMap((event) => (event.type === 'media-started' ? [event.fence ?? 0] : []));
        assert.ok(owners.length === 2 && owners[0]! < owners[1]!, String(owners));
        const ends = events.flatMap((event) =>
          event.type === 'call-ended' || event.type === 'hang-up-requested' ? [[event.type, event.reason]] : [],
        );
        assert.deepEqual(ends, [['call-ended', 'caller-hung-up']]);
      });
    }
  });
}

it('a bridge that wakes leaves a call alone whose carrier waited for it in vain, and went to another one', async (t) => {
  const world = await startScenarioWorldWith({}, createMachinesStarter(virtualTime, { bridges: 2, functions: 1 }));
  t.after(() => world.stop());
  const { acs, voice } = world.standIns;
  const { bridges, stores } = world.product;
  // The first in turn.
  bridges[0]!.pause();
  const person = await createPerson({ script, speak: (text) => voice.speak(text) });
  acs.ring({ from: number, phone: person });
  await sleep(18_000);
  bridges[0]!.resume();
  assert.equal((await person.done).outcome, 'finished');
  const [callId] = await stores.stream.recentCallIds(1);
  const events = await stores.stream.read(callId!);
  const times = (type: string) => events.flatMap((event) => (event.type === type ? [event.at] : []));
  const [served, ...again] = times('media-started');
  assert.ok(served! - times('call-connected')[0]! > 2_400, 'the first socket was for the bridge that sleeps');
  assert.deepEqual(again, []);
});
