// A Twilio that is far away, whose stamps are not on a grid, and whose network stalls: nothing of it reaches the conversation.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { getWire, measureReplies, placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const number = '+15550176';
const order = { carrier: 'twilio', direction: 'inbound', number } as const;
/** Between what the product says was heard and what Twilio had played. */
const heardWithinMs = 40;

let world: World;
let calls: LiveCalls;
beforeEach(async () => {
  world = await startScenarioWorld({
    // Speech at the pace of a live model's: long replies are still being sent when they are cut.
    realtimeTiming: { firstAudioMs: 100, audioSpeed: 2, transcriptionMs: 100 },
  });
  calls = await LiveCalls.open(world);
});
afterEach(async () => {
  calls.close();
  await world.stop();
});

async function ring(script: readonly PersonStep[]) {
  const { realtime, voice } = world.standIns;
  const session = realtime.nextSession();
  const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
  await placeCall(world, { ...order, phone });
  return { session: await session, done: phone.done };
}

describe('a far Twilio', () => {
  for (const oneWayMs of [0, 80, 150]) {
    it(`${oneWayMs} ms away: the model remembers what was heard, to ${heardWithinMs} ms`, async (t) => {
      world.standIns.twilio.faults.media.oneWayMs = oneWayMs;
      const cuts = [1_100, 2_200, 700, 1_700];
      const { done } = await ring([
        ...cuts.map((afterAgentSpokeMs) => ({ afterAgentSpokeMs, say: 'Please tell me about your company.' })),
        { wait: 'agent-finished', maxMs: 60_000 },
        { hangUp: true },
      ]);
      const report = await done;
      assert.equal(report.outcome, 'finished', report.reason);
      await calls.ended(number);
      const told = calls.eventsOf(number, 'agent-interrupted').map(({ heardMs }) => heardMs);
      const played = measureReplies(getWire(world, order)).map(({ playedMs }) => playedMs);
      const errors = told.map((heardMs, n) => Math.round(heardMs - played[n]!));
      t.diagnostic(`heard less played, ms: ${errors.join(' ')}`);
      assert.equal(errors.length, cuts.length);
      assert.ok(Math.max(...errors.map(Math.abs)) <= heardWithinMs, errors.join(' '));
    });
  }

  it('whose stamps are off by a millisecond loses nothing and gains nothing', async () => {
    world.standIns.twilio.faults.media.stampJitterMs = 1;
    const { session, done } = await ring([
      { wait: 'agent-finished' },
      { say: 'Are you open on Saturday?' },
      { wait: 'agent-finished' },
      { hangUp: true },
    ]);
    assert.equal((await done).outcome, 'finished');
    assert.deepEqual(
      session.log.heard.map(({ phrase }) => phrase),
      ['Are you open on Saturday?'],
    );
    const { samples, sampleRate } = session.log.audio;
    const sentMs = (samples.length / sampleRate) * 1000;
    const frames = world.standIns.twilio.calls[0]!.streams[0]!.framesSent;
    assert.ok(Math.abs(sentMs - frames * 20) <= 200, `${sentMs} ms of sound made of ${frames} frames`);
  });

  it('that stalls in the midst of a sentence makes one turn of it, and gets one reply', async () => {
    const { session, done } = await ring([
      { wait: 'agent-finished' },
      { say: 'Please tell me about your company.' },
      { wait: 'agent-finished', maxMs: 30_000 },
      { hangUp: true },
    ]);
    const [call] = world.standIns.twilio.calls;
    while (session.log.of('input_audio_buffer.speech_started').length === 0) await sleep(20);
    await sleep(600);
    call!.stallMedia(1_500);
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.deepEqual(
      session.log.heard.map(({ phrase }) => phrase),
      ['Please tell me about your company.'],
    );
    // The greeting and the answer.
    assert.equal(session.log.of('response.done').length, 2);
  });
});
