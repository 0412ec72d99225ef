// Calls of pages in browsers, without a carrier: conversations, ends of every kind, and networks that go and come back.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { WebPage } from '../browser/web-page.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { startScenarioWorld } from './scenario-world.ts';
import { finished, greeting, hours, question, readEnd, talkByBridge } from './talking-page.ts';

let world: World;
beforeEach(async () => {
  world = await startScenarioWorld();
});
afterEach(() => world.stop());

async function talk(script: readonly PersonStep[], model?: VoiceModelKind) {
  const talking = await talkByBridge(world, script, model);
  return { ...talking, end: () => readEnd(world, talking.callId) };
}

describe('a call of a page', () => {
  for (const model of ['gpt-realtime', 'voice-live', 'cascade'] as const)
    it(`is a conversation by ${model}, with an interruption and a tool, until the agent hangs up`, async () => {
      const { person, page, end } = await talk(
        [
          finished,
          { say: 'Please tell me about your company.' },
          { afterAgentSpokeMs: 2_500, say: 'Stop, please.' },
          finished,
          { say: 'What time is it?' },
          finished,
          { say: 'Goodbye.' },
          { wait: 'line-closed' },
        ],
        model,
      );
      const report = await person.done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.equal(await page.ended, 1000);
      const call = await end();
      assert.deepEqual([call.carrier, call.model, call.end_reason], ['web', model, 'agent-hung-up']);
      const cut = call.turns.find(({ interrupted }) => interrupted);
      assert.match(cut?.text ?? '', /^Contoso was founded/);
      // Heard for two and a half seconds, and not to its end.
      assert.ok(cut!.text.length < 100, cut!.text);
      assert.match(cut!.unheard ?? '', /chairs/);
      assert.deepEqual(
        call.tools.map(({ name }) => name),
        ['current_time', 'hang_up'],
      );
    });

  it('ends when the page hangs up', async () => {
    const { person, page, end } = await talk([finished, question, { wait: 'agent-speaking' }, { hangUp: true }]);
    await person.done;
    await page.ended;
    assert.equal((await end()).end_reason, 'caller-hung-up');
  });

  it('ends when an operator does', async () => {
    const { callId, page, end } = await talk([{ wait: 'line-closed' }]);
    await sleep(3_000);
    assert.equal((await world.ask(`/api/calls/${callId}/hang-up`, {})).status, 202);
    assert.equal(await page.ended, 1000);
    assert.equal((await end()).end_reason, 'operator-hung-up');
  });

  it('goes on where it was heard when the network is gone and back', async () => {
    const { person, page, end } = await talk([finished, question, finished, { hangUp: true }]);
    await sleep(1_500);
    page.drop();
    const report = await person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(page.connections, 2);
    const call = await end();
    assert.equal(call.end_reason, 'caller-hung-up');
    const said = call.turns.map(({ text }) => text);
    assert.ok(said.includes(hours), said.join(' | '));
    assert.ok(greeting.startsWith(said[0]!.replace(/\W+$/, '')), said[0]);
  });

  it('is over when the page does not come back, and its ticket opens nothing any more', async () => {
    const { page, end, ticket } = await talk([finished, { wait: 'line-closed' }]);
    await sleep(2_000);
    page.sleep();
    const call = await end();
    assert.equal(call.end_reason, 'media-lost');
    const late = new WebPage({
      ...ticket,
      phone: await createPerson({ script: [], speak: async () => new Int16Array(0) }),
    });
    await late.ended;
    assert.equal(late.connections, 0);
  });
});
