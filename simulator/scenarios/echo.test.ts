// A line that gives the agent its own voice back, callers who take up its words, and who turn away: the one is no turn, the others are.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { turnDeciders } from '../../shared/agents/turn-rules.ts';
import { EchoingPhone } from '../caller/echoing-phone.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const greeting = 'Thank you for calling Contoso. How can I help you today?';
const question = 'Are you open on Saturday?';
const answer = 'No, the office is closed on Saturday, but you may leave a message for us.';
const ownWords = 'I hear my own voice.';
const rules = {
  phrases: [
    { heard: question, reply: answer },
    { heard: 'Saturday?', reply: 'Yes, closed.' },
    { heard: answer, reply: ownWords },
    { heard: greeting, reply: ownWords },
    { heard: 'How can I help you today?', reply: ownWords },
    { heard: 'Goodbye.', tool: { name: 'hang_up', arguments: {}, report: 'Goodbye.' } },
  ],
  otherwise: ownWords,
};
const farewell: readonly PersonStep[] = [{ say: 'Goodbye.' }, { wait: 'line-closed' }];

/** By its words, or by the bridge's own ear: what is softened and paused comes back in pieces, which no service recognises. */
for (const decidedBy of turnDeciders)
  describe(`echoes, where the ${decidedBy} decides whose turn it is,`, () => {
    let world: World;
    let calls: LiveCalls;
    before(async () => {
      const echoes = [greeting, 'How can I help you today?', answer];
      world = await startScenarioWorld({ settings: { VOICE_MODEL: 'cascade', TURN_TAKING: decidedBy }, rules, echoes });
      calls = await LiveCalls.open(world);
    });
    after(async () => {
      calls.close();
      await world.stop();
    });

    interface Line {
      readonly echoAfterMs?: number;
      /** Said so much softer. */
      readonly softly?: readonly [text: string, gain: number];
    }

    async function call(number: string, script: readonly PersonStep[], { echoAfterMs, softly }: Line = {}) {
      const speak = async (text: string) => {
        const samples = await world.standIns.voice.speak(text);
        return softly?.[0] === text ? samples.map((sample) => Math.round(sample * softly[1])) : samples;
      };
      const person = await createPerson({ script, speak });
      const phone = echoAfterMs === undefined ? person : new EchoingPhone(person, { delayMs: echoAfterMs, share: 0.5 });
      await placeCall(world, { carrier: 'acs', direction: 'inbound', number, phone });
      const report = await person.done;
      assert.equal(report.outcome, 'finished', report.reason);
      await calls.ended(number);
      return { report, turns: calls.turnsOf(number).map(({ role, text }) => `${role}: ${text}`) };
    }

    for (const echoAfterMs of [100, 300, 600]) {
      it(`lets the agent finish what comes back to it after ${echoAfterMs} ms, and answers only the caller`, async () => {
        const number = `+155501${echoAfterMs}`;
        const heardBefore = world.standIns.speech.heard.length;
        const script: PersonStep[] = [
          { wait: 'agent-finished' },
          { pauseMs: 1_500 },
          { say: question },
          { wait: 'agent-finished' },
          { pauseMs: 1_500 },
          ...farewell,
        ];
        const { turns } = await call(number, script, { echoAfterMs });
        const heard = world.standIns.speech.heard.slice(heardBefore);
        if (decidedBy === 'model') assert.ok(heard.includes(answer), `the echo is recognised: ${heard.join(' | ')}`);
        assert.deepEqual(turns.slice(0, 4), [
          `agent: ${greeting}`,
          `caller: ${question}`,
          `agent: ${answer}`,
          'caller: Goodbye.',
        ]);
        assert.deepEqual(calls.eventsOf(number, 'agent-interrupted'), []);
      });
    }

    if (decidedBy === 'bridge')
      it('answers a caller who has turned away a little after all, and waits', async () => {
        const number = '+15550191';
        const script: PersonStep[] = [
          { wait: 'agent-finished' },
          { say: question },
          { wait: 'agent-finished' },
          { pauseMs: 1_000 },
          { say: 'Saturday?' },
          { wait: 'agent-finished' },
          ...farewell,
        ];
        const softly = 10 ** (-9 / 20);
        const { report, turns } = await call(number, script, { softly: ['Saturday?', softly] });
        assert.partialDeepStrictEqual(calls.eventsOf(number, 'backchannel'), [{ sound: 'aside', text: 'Saturday?' }]);
        assert.deepEqual(turns.slice(3, 5), ['caller: Saturday?', 'agent: Yes, closed.']);
        const { answeredAfterMs } = report.lines[1]!;
        assert.ok(answeredAfterMs! > 3_000 && answeredAfterMs! < 6_000, `answered after ${answeredAfterMs} ms`);
      });

    it('stops for a caller who takes up a word that the agent has just said', async () => {
      const number = '+15550190';
      const script: PersonStep[] = [
        { wait: 'agent-finished' },
        { say: question },
        { afterAgentSpokeMs: 3_000, say: 'Saturday?' },
        { wait: 'agent-finished' },
        ...farewell,
      ];
      const { report, turns } = await call(number, script);
      assert.ok(
        report.lines[1]!.agentStoppedAfterMs! < 1_000,
        `heard for ${report.lines[1]!.agentStoppedAfterMs} ms more`,
      );
      assert.match(turns[2]!, /^agent: No, the office is closed on Saturday/);
      assert.notEqual(turns[2], `agent: ${answer}`);
      assert.deepEqual(turns.slice(3, 5), ['caller: Saturday?', 'agent: Yes, closed.']);
    });
  });
