// An operator ends a call and the carrier does not answer: the line lives on, but nobody is talked to any more.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { phoneCarriers } from '../../shared/call/call.ts';
import { level } from '../caller/agent-ear.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { placeCall } from './carrier-leg.ts';
import { startWatchedWorld } from './watched-world.ts';

const number = '+15550164';
const samplesPerMs = 16;
const audible = 150;
/** The greeting has begun, and is far from its end. */
const greetingMs = 1_000;
/** Audio that is between the bridge and the ear. */
const onItsWayMs = 300;

for (const carrier of phoneCarriers) {
  it(`a hang-up that ${carrier} leaves unanswered silences the agent in the middle of a word`, async (t) => {
    const { world, calls } = await startWatchedWorld(t);
    const phone = createTonePhone({ hz: 400, level: 0 });
    await placeCall(world, { carrier, direction: 'inbound', number, phone });
    while (level(phone.heard.subarray(-200 * samplesPerMs)) < audible) await sleep(20);
    await sleep(greetingMs);
    const before = phone.heard.length;
    assert.ok(level(phone.heard.subarray(before - greetingMs * samplesPerMs)) > audible, 'the agent speaks');

    const operation = carrier === 'acs' ? 'terminate' : 'hangUp';
    world.standIns[carrier].faults.rest.add({ operation, instead: 'silence', times: Number.POSITIVE_INFINITY });
    const asked = world.ask(`/api/calls/${await calls.callId(number)}/hang-up`, {});
    asked.catch(() => {});
    await sleep(8_000);
    const after = phone.heard.subarray(before + onItsWayMs * samplesPerMs);
    assert.ok(after.length > 7_000 * samplesPerMs && !phone.isLineClosed, 'the line is there');
    assert.equal(Math.round(level(after)), 0);
    assert.deepEqual(
      calls.turnsOf(number).map(({ role, interrupted }) => [role, interrupted]),
      [['agent', true]],
    );
    phone.hangUp();
    await calls.ended(number);
  });
}
