// Recognition and voice that fall silent in the cascade, each with what the caller hears of it: another model, soon, and a answer.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import type { SpeechService } from '../speech/speech-service.ts';
import { placeCall } from './carrier-leg.ts';
import type { LiveCalls } from './live-calls.ts';
import { startWatchedWorld } from './watched-world.ts';

const number = '+15550171';
const question = 'What are your opening hours?';
const farewell: readonly PersonStep[] = [{ say: 'Goodbye.' }, { wait: 'line-closed' }];
const answer = 'We are open from nine to five, Monday to Friday.';
/** Whoever waits for 1.6 s hears "one moment" (or a tone), and so goes by the clock. All that is done takes less than this. */
const patienceMs = 14_000;

async function call(
  t: TestContext,
  script: readonly PersonStep[],
  fail: (speech: SpeechService, calls: LiveCalls) => Promise<void>,
): Promise<{ report: PersonReport; calls: LiveCalls; speech: SpeechService }> {
  const { world, calls } = await startWatchedWorld(t, { settings: { VOICE_MODEL: 'cascade', TURN_TAKING: 'bridge' } });
  const { voice, speech } = world.standIns;
  const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
  await placeCall(world, { carrier: 'acs', direction: 'inbound', number, phone });
  await fail(speech, calls);
  const report = await phone.done;
  assert.equal(report.outcome, 'finished', report.reason);
  await calls.ended(number);
  return { report, calls, speech };
}

const modelsOf = (calls: LiveCalls) => calls.eventsOf(number, 'model-opened').map(({ model }) => model);

const turnsOf = (calls: LiveCalls) => calls.turnsOf(number).map(({ role, text }) => `${role}: ${text}`);

/** Resolves when the call has a turn of the agent. */
async function greeted(calls: LiveCalls): Promise<void> {
  await calls.told(number, 'model-opened');
  await sleep(4_500);
}

describe('speech services that fall silent', () => {
  for (const health of ['mute', 'dead'] as const) {
    it(`hands over to the next model when recognition is ${health} in mid-call, which answers what was said`, async (t) => {
      const script: PersonStep[] = [
        { wait: 'agent-finished' },
        { pauseMs: 2_000 },
        { say: question },
        { pauseMs: patienceMs },
        ...farewell,
      ];
      const { calls } = await call(t, script, async (speech, calls) => {
        await greeted(calls);
        speech.faults.recognition = health;
      });
      assert.deepEqual(calls.eventsOf(number, 'model-lost'), [{ model: 'cascade', code: 'MODEL_UNAVAILABLE' }]);
      assert.equal(modelsOf(calls).length, 2);
      assert.deepEqual(turnsOf(calls).slice(1, 3), [`caller: ${question}`, `agent: ${answer}`]);
    });
  }

  for (const [when, pauseMs, withinMs] of [
    ['just before the caller speaks', 2_000, 5_000],
    ['while nobody speaks', 15_000, 2_000],
  ] as const) {
    it(`goes on with the same model, and with what was said, when one connection of recognition died ${when}`, async (t) => {
      const script: PersonStep[] = [
        { wait: 'agent-finished' },
        { pauseMs },
        { say: question },
        { pauseMs: patienceMs },
        ...farewell,
      ];
      const { report, calls } = await call(t, script, async (speech, calls) => {
        await greeted(calls);
        speech.faults.recognition = 'dead';
        await speech.nextConnection();
        speech.faults.recognition = 'well';
      });
      assert.ok(report.lines[0]!.answeredAfterMs! < withinMs);
      assert.deepEqual(modelsOf(calls), ['cascade']);
      assert.deepEqual(turnsOf(calls).slice(1, 3), [`caller: ${question}`, `agent: ${answer}`]);
    });
  }

  it('keeps its connections through a long silence', async (t) => {
    const script: PersonStep[] = [{ wait: 'agent-finished' }, { pauseMs: 60_000 }, { hangUp: true }];
    let others = 0;
    await call(t, script, async (speech, calls) => {
      await greeted(calls);
      void speech.nextConnection().then(() => others++);
      await sleep(50_000);
      assert.equal(others, 0);
    });
  });

  const voices: [what: string, fail: (speech: SpeechService) => void][] = [
    ['says nothing', ({ faults }) => (faults.synthesis = 'mute')],
    ['is half open', ({ faults }) => (faults.synthesis = 'dead')],
    ['trickles', ({ faults }) => (faults.trickle = { pieceMs: 100, everyMs: 4_000 })],
  ];
  for (const [what, fail] of voices) {
    it(`hands over to the next model when the voice ${what}`, async (t) => {
      const script: PersonStep[] = [
        { wait: 'agent-finished' },
        { pauseMs: 1_000 },
        { say: question },
        { pauseMs: patienceMs },
        ...farewell,
      ];
      const { calls } = await call(t, script, async (speech, calls) => {
        await greeted(calls);
        fail(speech);
      });
      assert.deepEqual(modelsOf(calls), ['cascade', 'gpt-realtime']);
      assert.match(turnsOf(calls)[2]!, /^agent: /);
    });
  }

  it('asks at once, before the wait is filled, for what was no word to recognition', async (t) => {
    const unknown = 'Gobbledygook and balderdash, whatever that may mean to anybody.';
    const script: PersonStep[] = [
      { wait: 'agent-finished' },
      { say: unknown },
      { wait: 'agent-finished' },
      { say: unknown },
      { wait: 'agent-finished' },
      { say: question },
      { wait: 'agent-finished' },
      ...farewell,
    ];
    const { report, calls } = await call(t, script, async () => {});
    for (const line of report.lines.slice(0, 2))
      assert.ok(line.answeredAfterMs! < 1_600, `asked again after ${line.answeredAfterMs} ms`);
    assert.deepEqual(turnsOf(calls).slice(3, 5), [`caller: ${question}`, `agent: ${answer}`]);
    assert.deepEqual(modelsOf(calls), ['cascade']);
  });
});
