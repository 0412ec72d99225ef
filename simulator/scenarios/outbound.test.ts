// Calls that we place, through both carriers: every way in which nobody comes to speak, and what the API promises of the others.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { callDetailSchema, callListSchema, errorSchema, placedCallSchema } from '../../shared/api.ts';
import { type CallEndReason, type PhoneCarrier, phoneCarriers } from '../../shared/call/call.ts';
import { level } from '../caller/agent-ear.ts';
import { createPerson } from '../caller/person.ts';
import type { Pickup } from '../caller/phone.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import type { World } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

/** A phone rings for 1.5 s: time enough to hang up meanwhile. */
const timeScale = 0.05;
/** Longer than any carrier lets a phone ring for us. */
const neverInTimeMs = 120_000;
const audible = 150;
const lateAnswer = (): Pickup => ({ kind: 'answers', afterMs: neverInTimeMs, phone: createTonePhone({ hz: 400 }) });

interface Unanswered {
  readonly what: string;
  readonly pickup: () => Pickup;
  /** Twilio has one status for all phones that nobody takes, however long they rang. */
  readonly reasons: Readonly<Record<PhoneCarrier, CallEndReason>>;
}
const same = (reason: CallEndReason) => ({ acs: reason, twilio: reason });
const unanswered: readonly Unanswered[] = [
  { what: 'is busy', pickup: () => ({ kind: 'busy' }), reasons: same('busy') },
  { what: 'does not answer', pickup: () => ({ kind: 'no-answer' }), reasons: same('no-answer') },
  { what: 'declines', pickup: () => ({ kind: 'declines' }), reasons: same('declined') },
  { what: 'does not exist', pickup: () => ({ kind: 'invalid-number' }), reasons: same('invalid-number') },
  { what: 'rings for too long', pickup: lateAnswer, reasons: { acs: 'ring-timeout', twilio: 'no-answer' } },
];

describe('an outbound call', { concurrency: true }, () => {
  let world: World;
  let calls: LiveCalls;
  let placed = 0;
  before(async () => {
    world = await startScenarioWorld({ timeScale, settings: { DIAL_MAX_PER_NUMBER_PER_DAY: '2' } });
    calls = await LiveCalls.open(world);
  });
  after(async () => {
    calls.close();
    await world.stop();
  });

  const createNumber = () => `+15550${200 + placed++}`;
  const phonesOf = (carrier: PhoneCarrier) => (carrier === 'acs' ? world.standIns.acs : world.standIns.twilio).phones;
  const dialledBy = ({ standIns: { acs, twilio } }: World, number: string) =>
    acs.calls.filter((call) => call.number === number).length +
    twilio.calls.filter(({ options }) => options.to === number).length;

  async function send(path: string, body: object) {
    const response = await world.ask(path, body);
    return { status: response.status, answer: (await response.json()) as unknown };
  }

  async function show(path: string): Promise<unknown> {
    return (await world.ask(path)).json();
  }

  /** The reason is the same for those who watch, those who ask for the call, and in the history. */
  async function checkEnd(number: string, reason: CallEndReason): Promise<void> {
    assert.equal(await calls.ended(number), reason);
    const callId = await calls.callId(number);
    const expected = { call_id: callId, status: 'ended', direction: 'outbound', end_reason: reason };
    assert.partialDeepStrictEqual(callDetailSchema.parse(await show(`/api/calls/${callId}`)), expected);
    const kept = await poll(
      async () =>
        callListSchema.parse(await show('/api/calls?limit=100')).calls.find((call) => call.call_id === callId),
      (call) => call?.status === 'ended',
    );
    assert.partialDeepStrictEqual(kept, expected);
  }

  for (const carrier of phoneCarriers) {
    for (const { what, pickup, reasons } of unanswered) {
      it(`through ${carrier} ends as ${reasons[carrier]} when the phone ${what}`, async () => {
        const number = createNumber();
        phonesOf(carrier).set(number, pickup());
        const { status } = await send('/api/call', { to: number, carrier });
        assert.equal(status, 201);
        await checkEnd(number, reasons[carrier]);
        assert.equal(dialledBy(world, number), 1);
      });
    }

    it(`through ${carrier} can be hung up while it rings`, async () => {
      const number = createNumber();
      phonesOf(carrier).set(number, lateAnswer());
      const { answer } = await send('/api/call', { to: number, carrier });
      const { call_id } = placedCallSchema.parse(answer);
      const { status } = await send(`/api/calls/${call_id}/hang-up`, {});
      assert.equal(status, 202);
      await checkEnd(number, 'operator-hung-up');
      assert.equal((await send(`/api/calls/${call_id}/hang-up`, {})).status, 410);
    });

    it(`through ${carrier} knows what it is about, takes the model it is told, and is hung up by an operator`, async () => {
      const number = createNumber();
      const speak = (text: string) => world.standIns.voice.speak(text);
      const phone = await createPerson({ script: [{ wait: 'line-closed' }], speak });
      const spoken = Promise.withResolvers<void>();
      const hear = phone.hear.bind(phone);
      phone.hear = (samples) => {
        hear(samples);
        if (level(samples) > audible) spoken.resolve();
      };
      phonesOf(carrier).set(number, { kind: 'answers', afterMs: 500, phone });
      const order = {
        phone_number: number,
        carrier,
        backend: 'voice-live',
        context: { order: `A-17 for ${carrier}` },
        idempotency_key: `key of ${carrier}`,
      };
      const first = await send('/api/call', order);
      const { call_id, twilio_sid } = placedCallSchema.parse(first.answer);
      assert.equal(first.status, 201);
      assert.equal(twilio_sid !== undefined, carrier === 'twilio');
      const again = await send('/api/call', order);
      assert.equal(again.status, 200);
      const repeated = placedCallSchema.parse(again.answer);
      assert.deepEqual([repeated.call_id, repeated.number, repeated.twilio_sid], [call_id, number, twilio_sid]);

      assert.deepEqual((await calls.told(number, 'model-opened')).model, 'voice-live');
      const told = world.standIns.realtime.sessions.filter(({ wireSession }) =>
        String(wireSession.instructions).includes(`A-17 for ${carrier}`),
      );
      assert.deepEqual(
        told.map(({ dialect }) => dialect),
        ['voice-live'],
      );
      await spoken.promise;
      assert.equal(callDetailSchema.parse(await show(`/api/calls/${call_id}`)).status, 'active');
      assert.equal((await send(`/api/calls/${call_id}/hang-up`, {})).status, 202);
      const report = await phone.done;
      assert.equal(report.outcome, 'finished', report.reason);
      await checkEnd(number, 'operator-hung-up');
      assert.equal(dialledBy(world, number), 1);
    });
  }

  it('reaches somebody on Teams, in the name of the resource account, and has a conversation', async () => {
    const user = '8:orgid:00000000-0000-4000-8000-00000000000a';
    const { acs, voice } = world.standIns;
    const heard = 'What are your opening hours?';
    const script = [{ wait: 'agent-finished' }, { say: heard }, { wait: 'agent-finished' }, { hangUp: true }] as const;
    const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
    acs.phones.set(user, { kind: 'answers', afterMs: 500, phone });
    const { status, answer } = await send('/api/call', { to: user.toUpperCase() });
    assert.deepEqual([status, placedCallSchema.parse(answer).number], [201, user]);
    await checkEnd(user, 'caller-hung-up');
    const call = acs.calls.find(({ number }) => number === user)!;
    const asked = call.operations.find(({ name }) => name === 'createCall')!.body as Record<string, unknown>;
    assert.partialDeepStrictEqual(asked.teamsAppSource, { appId: world.settings.TEAMS_RESOURCE_ACCOUNT });
    assert.equal(asked.sourceCallerIdNumber, undefined);
    const { turns, line } = callDetailSchema.parse(await show(`/api/calls/${await calls.callId(user)}`));
    assert.equal(line, `28:orgid:${world.settings.TEAMS_RESOURCE_ACCOUNT}`);
    const said = turns.filter(({ role }) => role === 'caller').map(({ text }) => text);
    assert.deepEqual(said, [heard]);
    const app = '28:orgid:00000000-0000-4000-8000-00000000000a';
    const refused = await send('/api/call', { to: app });
    assert.deepEqual([refused.status, errorSchema.parse(refused.answer).error.code], [403, 'DIAL_NOT_ALLOWED']);
  });

  it('is not placed where the dial guard says no', async () => {
    const foreign = '+442079460000';
    const refused = await send('/api/call', { to: foreign });
    assert.deepEqual([refused.status, errorSchema.parse(refused.answer).error.code], [403, 'DIAL_NOT_ALLOWED']);
    const number = createNumber();
    phonesOf('acs').set(number, { kind: 'busy' });
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await send('/api/call', { number })).status);
    assert.deepEqual(statuses, [201, 201, 429]);
    assert.equal(dialledBy(world, number), 2);
    assert.equal(dialledBy(world, foreign), 0);
  });

  it('screens a candidate with what the request says of the job', async () => {
    const number = createNumber();
    phonesOf('acs').set(number, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 400 }) });
    const { status } = await send('/api/initiateOutboundCall', {
      phone_number: number,
      candidate_name: 'Robin Doe',
      job_role: 'Lighthouse keeper',
    });
    assert.equal(status, 201);
    await calls.told(number, 'model-opened');
    const told = world.standIns.realtime.sessions.map(({ wireSession }) => String(wireSession.instructions));
    assert.equal(told.filter((text) => text.includes('Lighthouse keeper')).length, 1);
    const { call_id, agent } = callDetailSchema.parse(await show(`/api/calls/${await calls.callId(number)}`));
    assert.equal(agent, 'screening');
    await send(`/api/calls/${call_id}/hang-up`, {});
    await checkEnd(number, 'operator-hung-up');
  });
});

/** Of a carrier that answers each request to dial with this status: nobody is rung. */
const notTaken = [
  { status: 400, code: 'CARRIER_REFUSED', leaves: ['ended', 'refused'] },
  { status: 429, code: 'CARRIER_UNAVAILABLE', leaves: ['ended', 'carrier-error'] },
  // Said by what stands before the carrier too, when the phone rings: whoever picks up is served.
  { status: 503, code: 'CARRIER_UNCERTAIN', leaves: ['dialling', undefined] },
] as const;

describe('an outbound call that the carrier does not take', () => {
  for (const carrier of phoneCarriers) {
    for (const { status, code, leaves } of notTaken) {
      it(`through ${carrier} is ${leaves[1] ?? leaves[0]} after ${status}, and the next one is placed`, async (t) => {
        const world = await startScenarioWorld({ timeScale });
        t.after(() => world.stop());
        const { faults, phones } = world.standIns[carrier];
        phones.set('+15550190', { kind: 'busy' });
        const place = () => world.ask('/api/call', { to: '+15550190', carrier });
        const heal = faults.rest.add({ times: Number.POSITIVE_INFINITY, instead: { status } });
        const response = await place();
        assert.deepEqual([response.status, errorSchema.parse(await response.json()).error.code], [502, code]);
        const { calls } = callListSchema.parse(await (await world.ask('/api/calls')).json());
        assert.deepEqual(
          calls.map(({ status, end_reason }) => [status, end_reason]),
          [leaves],
        );
        heal();
        assert.equal((await place()).status, 201);
      });
    }
  }
});
