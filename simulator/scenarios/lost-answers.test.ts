// The carrier dials and its answer is lost: unknown is not refused, so whoever picks up is served, and the record says so.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callDetailSchema, errorSchema, placedCallSchema } from '../../shared/api.ts';
import { type PhoneCarrier, phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { startWatchedWorld } from './watched-world.ts';

const number = '+15550161';
const question = 'What are your opening hours?';
const talk: readonly PersonStep[] = [{ wait: 'agent-finished' }, { say: question }, { wait: 'agent-finished' }];

async function post(world: World, path: string, body: object) {
  const response = await world.ask(path, body);
  return { status: response.status, answer: response.status === 202 ? undefined : await response.json() };
}

async function show(world: World, callId: string) {
  return callDetailSchema.parse(await (await world.ask(`/api/calls/${callId}`)).json());
}

/** Orders the call, whose answer never comes; resolves to what the callee will tell. */
async function dialInDoubt(world: World, carrier: PhoneCarrier, script: readonly PersonStep[]) {
  const standIn = world.standIns[carrier];
  const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  standIn.phones.set(number, { kind: 'answers', afterMs: 20_000, phone: person });
  standIn.faults.rest.add({
    operation: 'createCall',
    instead: 'cut',
    carriedOut: true,
    times: Number.POSITIVE_INFINITY,
  });
  const order = { to: number, carrier, idempotency_key: `doubt-${carrier}` };
  const { status, answer } = await post(world, '/api/call', order);
  assert.deepEqual([status, errorSchema.parse(answer).error.code], [502, 'CARRIER_UNCERTAIN']);
  return { order, done: person.done as Promise<PersonReport> };
}

for (const carrier of phoneCarriers) {
  describe(`a call at ${carrier} of which the carrier did not say that it dials`, () => {
    it('is served when its phone is picked up, and stands in the record as it was', async (t) => {
      const { world, calls } = await startWatchedWorld(t);
      const { order, done } = await dialInDoubt(world, carrier, [...talk, { hangUp: true }]);
      const again = await post(world, '/api/call', order);
      assert.equal(placedCallSchema.parse(again.answer).status, 'dialling');
      const report = await done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.ok(report.lines[0]?.answeredAfterMs !== undefined, 'the question was answered');
      assert.equal(await calls.ended(number), 'caller-hung-up');
      const record = await show(world, await calls.callId(number));
      assert.deepEqual(
        record.turns.map(({ role }) => role),
        ['agent', 'caller', 'agent'],
      );
      assert.equal(world.standIns[carrier].calls.length, 1);
    });

    it("ends by the operator's hang-up", async (t) => {
      const { world, calls } = await startWatchedWorld(t);
      const { done } = await dialInDoubt(world, carrier, [{ wait: 'line-closed', maxMs: 60_000 }]);
      await poll(
        async () => calls.turnsOf(number).length,
        (turns) => turns === 1,
        60_000,
      );
      const hangUp = await post(world, `/api/calls/${await calls.callId(number)}/hang-up`, {});
      assert.equal(hangUp.status, 202);
      assert.equal((await done).outcome, 'finished');
      assert.equal(await calls.ended(number), 'operator-hung-up');
    });
  });
}
