// A model that is lost while the caller speaks: the next one hears the turn from its first word, and answers it.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { phoneCarriers, type VoiceModelKind } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import { placeCall, poll } from './carrier-leg.ts';
import { startWatchedWorld } from './watched-world.ts';

const number = '+15550157';
const greeting = 'Thank you for calling Contoso. How can I help you today?';
const question = 'What are your opening hours?';
const answer = 'We are open from nine to five, Monday to Friday.';
/** Both hear at 24 kHz or what the carrier speaks, and the cascade at 16: each is given it in its own. */
const next: Record<string, VoiceModelKind> = { 'gpt-realtime': 'voice-live', 'voice-live': 'gpt-realtime' };

describe('a model that is lost after a tool has answered, and before it spoke of that', () => {
  for (const model of ['gpt-realtime', 'voice-live', 'cascade'] as const) {
    it(`tells its successor what was done, when it is ${model}`, async (t) => {
      const { world, calls } = await startWatchedWorld(t, { settings: { VOICE_MODEL: model } });
      const { realtime, speech, voice } = world.standIns;
      const script = [
        { wait: 'agent-finished' },
        { say: 'Please call me back.' },
        { pauseMs: 15_000 },
        { hangUp: true },
      ] as const;
      const person = await createPerson({ script, speak: (text) => voice.speak(text) });
      await placeCall(world, { carrier: 'acs', direction: 'inbound', number, phone: person });
      await calls.told(number, 'tool-called');
      const second = realtime.nextSession();
      if (model === 'cascade') speech.faults.synthesis = 'dead';
      else realtime.kill(realtime.sessions.at(-1)!, 1006);
      const { log } = await second;
      assert.equal((await person.done).outcome, 'finished');
      const [{ session }] = log.of('session.update') as unknown as [{ session: { instructions: string } }];
      const wasDone = 'take_note({"text":"The caller asks to be called back."}) answered: {"kept":true}';
      assert.ok(session.instructions.includes(wasDone), session.instructions);
      assert.deepEqual(
        Object.keys(calls.eventsOf(number, 'tool-called')[0]!).toSorted(),
        ['name', 'ok', 'tookMs'].toSorted(),
      );
    });
  }
});

it('a turn that a deaf cascade took no notice of is answered by the next model, though the bridge took it for no turn', async (t) => {
  const settings = { VOICE_MODEL: 'cascade', TURN_TAKING: 'bridge' };
  const { world, calls } = await startWatchedWorld(t, { settings });
  const { realtime, speech, voice } = world.standIns;
  const script = [{ wait: 'agent-finished' }, { say: question }, { pauseMs: 12_000 }, { hangUp: true }] as const;
  const person = await createPerson({ script, speak: (text) => voice.speak(text) });
  await placeCall(world, { carrier: 'acs', direction: 'inbound', number, phone: person });
  await poll(
    async () => calls.turnsOf(number).length,
    (turns) => turns === 1,
    30_000,
  );
  const second = realtime.nextSession();
  speech.faults.recognition = 'mute';
  speech.faults.refuse = 503;
  const report = await person.done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    calls.eventsOf(number, 'model-opened').map(({ model }) => model),
    ['cascade', 'gpt-realtime'],
  );
  assert.deepEqual(
    (await second).log.heard.map(({ phrase }) => phrase),
    [question],
  );
  assert.deepEqual(
    calls.turnsOf(number).map(({ text }) => text),
    [greeting, question, answer],
  );
});

for (const carrier of phoneCarriers) {
  describe(`at ${carrier} a turn is answered`, () => {
    for (const model of ['gpt-realtime', 'voice-live'] as const) {
      it(`that ${model} had heard half of when its connection broke`, async (t) => {
        const { world, calls } = await startWatchedWorld(t, { settings: { VOICE_MODEL: model } });
        const { realtime, voice } = world.standIns;
        const script = [
          { wait: 'agent-finished' },
          { say: question },
          { wait: 'agent-finished' },
          { hangUp: true },
        ] as const;
        const person = await createPerson({ script, speak: (text) => voice.speak(text) });
        const opened = realtime.nextSession();
        await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
        const first = await opened;
        await poll(
          async () => first.log.of('input_audio_buffer.speech_started').length,
          (times) => times === 1,
          30_000,
        );
        await sleep(700);
        const second = realtime.nextSession();
        realtime.kill(first, 1006);
        const report = await person.done;
        assert.equal(report.outcome, 'finished', report.reason);
        assert.equal(await calls.ended(number), 'caller-hung-up');
        assert.deepEqual(
          calls.eventsOf(number, 'model-opened').map(({ model }) => model),
          [model, next[model]],
        );
        assert.deepEqual(
          (await second).log.heard.map(({ phrase }) => phrase),
          [question],
        );
        assert.deepEqual(
          calls.turnsOf(number).map(({ text }) => text),
          [greeting, question, answer],
        );
        const { answeredAfterMs } = report.lines[0]!;
        assert.ok(answeredAfterMs! < 1_600, `answered after ${answeredAfterMs} ms`);
      });
    }
  });
}
