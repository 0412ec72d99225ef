// An agent that says goodbye in the answer in which it hangs up: the caller hears it once, whole, and can still speak into it.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const goodbye = 'Thank you for your call, and have a very nice day. Goodbye.';
const question = 'What are your opening hours?';
const answer = 'We are open from nine to five.';
const rules = {
  phrases: [
    { heard: question, reply: answer },
    {
      heard: 'Goodbye.',
      tool: { name: 'hang_up', arguments: {}, says: goodbye, report: 'Goodbye again.' },
    },
  ],
  otherwise: 'Sorry, I did not understand.',
};

describe('a goodbye in the answer that hangs up', () => {
  let world: World;
  let calls: LiveCalls;
  before(async () => {
    world = await startScenarioWorld({ settings: { VOICE_MODEL: 'cascade' }, rules });
    calls = await LiveCalls.open(world);
  });
  after(async () => {
    calls.close();
    await world.stop();
  });

  async function call(number: string, script: readonly PersonStep[]): Promise<readonly string[]> {
    const phone = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
    await placeCall(world, { carrier: 'acs', direction: 'inbound', number, phone });
    const report = await phone.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(await calls.ended(number), 'agent-hung-up');
    return calls.turnsOf(number).map(({ role, text }) => `${role}: ${text}`);
  }

  it('is heard once and whole', async () => {
    const spokenBefore = world.standIns.speech.spoken.length;
    const turns = await call('+15550175', [{ wait: 'agent-finished' }, { say: 'Goodbye.' }, { wait: 'line-closed' }]);
    assert.deepEqual(turns.slice(1), ['caller: Goodbye.', `agent: ${goodbye}`]);
    const spoken = world.standIns.speech.spoken.slice(spokenBefore);
    assert.ok(!spoken.some((text) => text.includes('again')), spoken.join(' | '));
  });

  it('is taken back by a caller who still has a question', async () => {
    const turns = await call('+15550176', [
      { wait: 'agent-finished' },
      { say: 'Goodbye.' },
      { afterAgentSpokeMs: 800, say: question },
      { wait: 'agent-finished' },
      { say: 'Goodbye.' },
      { wait: 'line-closed' },
    ]);
    assert.deepEqual(turns.slice(3), [
      `caller: ${question}`,
      `agent: ${answer}`,
      'caller: Goodbye.',
      `agent: ${goodbye}`,
    ]);
  });
});
