// Media sockets that die without a word, or whose successor comes early: the caller goes on in the same conversation.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Carrier, phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const number = '+15550181';
const question = 'What are your opening hours?';
const answer = 'We are open from nine to five, Monday to Friday.';
const greeting = 'Thank you for calling Contoso. How can I help you today?';
/** The caller asks when the new socket is there. */
const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { wait: 'agent-finished', maxMs: 30_000 },
  { say: question },
  { wait: 'agent-finished' },
  { hangUp: true },
];

let world: World;
let calls: LiveCalls;
beforeEach(async () => {
  world = await startScenarioWorld();
  calls = await LiveCalls.open(world);
});
afterEach(async () => {
  calls.close();
  await world.stop();
});

async function ring(carrier: Carrier) {
  const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
  await calls.told(number, 'model-opened');
  await sleep(6_000);
  return { done: person.done };
}

/** One model, one greeting, and the question answered once, after the change of sockets. */
async function checkConversation(done: Awaited<ReturnType<typeof ring>>['done']) {
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.equal(await calls.ended(number), 'caller-hung-up');
  const said = calls.turnsOf(number).map(({ text }) => text);
  assert.equal(said.filter((text) => text === greeting).length, 1, said.join(' | '));
  assert.equal(said.filter((text) => text === answer).length, 1, said.join(' | '));
  assert.equal(calls.eventsOf(number, 'model-opened').length, 1);
}

describe('a media socket that died without a word, which its carrier takes for sound, is replaced', () => {
  for (const carrier of phoneCarriers) {
    it(`at ${carrier}`, async () => {
      const { acs, twilio } = world.standIns;
      const { done } = await ring(carrier);
      const diedAtMs = performance.now();
      (carrier === 'acs' ? acs.calls[0]! : twilio.calls[0]!).deadenMedia();
      await checkConversation(done);
      const opened =
        carrier === 'acs'
          ? acs.calls[0]!.media.events.filter(({ type }) => type === 'opened')
          : twilio.calls[0]!.streams.flatMap(({ events }) => events.filter(({ event }) => event === 'opened'));
      assert.equal(opened.length, 2);
      const deadMs = opened[1]!.atMs - diedAtMs;
      assert.ok(deadMs < 3_000, `${deadMs} ms`);
    });
  }
});

describe('a media socket that died before the agent said a word', () => {
  for (const carrier of phoneCarriers) {
    it(`is replaced at ${carrier}, and the caller is greeted, once`, async () => {
      const { acs, twilio, voice, realtime } = world.standIns;
      realtime.faults.slowFirstAudioMs = 3_000;
      const heardAll: readonly PersonStep[] = [{ pauseMs: 15_000 }, { hangUp: true }];
      const person = await createPerson({ script: heardAll, speak: (text) => voice.speak(text) });
      await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
      await calls.told(number, 'model-opened');
      (carrier === 'acs' ? acs.calls[0]! : twilio.calls[0]!).deadenMedia();
      const report = await person.done;
      assert.equal(report.outcome, 'finished', report.reason);
      await calls.ended(number);
      assert.deepEqual(
        calls.turnsOf(number).map(({ text }) => text),
        [greeting],
      );
    });
  }
});

describe('a media socket that its carrier took for lost, while its end here stays open', () => {
  it('makes room for the next one half a second later', async () => {
    const { acs } = world.standIns;
    acs.faults.media.reconnectAttempts = 5;
    acs.faults.media.reconnectDelayMs = 6_000;
    const { done } = await ring('acs');
    acs.calls[0]!.abandonMedia();
    await checkConversation(done);
    const types = acs.calls[0]!.media.events.map(({ type }) => type);
    assert.deepEqual(types, ['opened', 'lost', 'reopened', 'closed']);
  });

  it('does not before that: a second socket gets 409', async () => {
    const { acs } = world.standIns;
    acs.faults.media.reconnectAttempts = 20;
    acs.faults.media.reconnectDelayMs = 2_000;
    const { done } = await ring('acs');
    const lostAtMs = performance.now();
    acs.calls[0]!.abandonMedia();
    await checkConversation(done);
    const { events } = acs.calls[0]!.media;
    const refused = events.filter(({ type }) => type === 'refused');
    assert.ok(refused.length >= 1 && refused.every(({ detail }) => detail?.includes('409')), JSON.stringify(events));
    const reopenedMs = events.find(({ type }) => type === 'reopened')!.atMs - lostAtMs;
    assert.ok(reopenedMs >= 500 && reopenedMs <= 800, `${reopenedMs} ms`);
  });
});
