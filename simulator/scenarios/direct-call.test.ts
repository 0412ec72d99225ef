// Calls of pages that talk with the realtime service themselves, by WebRTC, with the bridge at their side; and what becomes of them when one of the three is gone.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatRealtimeCall } from '../../shared/call/realtime-call.ts';
import { WebPage } from '../browser/web-page.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { startScenarioWorld } from './scenario-world.ts';
import { finished, greeting, hours, joining, openSession, question, readEnd, talkDirectly } from './talking-page.ts';

/** From the end of a call until the service is told of it: its page may leave by itself. */
const leftAfterMs = 2_500;

let world: World;
beforeEach(async () => {
  world = await startScenarioWorld();
});
afterEach(() => world.stop());

async function talk(script: readonly PersonStep[]) {
  const talking = await talkDirectly(world, script);
  return { ...talking, live: () => world.standIns.realtime.calls.find(talking.id) };
}

const endOf = (callId: string) => readEnd(world, callId);

describe('a call by WebRTC', () => {
  it('is a conversation with an interruption and a tool until the agent hangs up, written down like any other', async () => {
    const { callId, person, page, live } = await talk([
      finished,
      { say: 'Please tell me about your company.' },
      { afterAgentSpokeMs: 2_500, say: 'Stop, please.' },
      finished,
      { say: 'What time is it?' },
      finished,
      { say: 'Goodbye.' },
      { wait: 'line-closed' },
    ]);
    const report = await person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(await page.ended, 1000);
    assert.ok(!page.hasCarried);
    assert.equal(live(), undefined, 'nothing is left at the service');
    const call = await endOf(callId);
    assert.deepEqual([call.carrier, call.model, call.end_reason], ['web', 'gpt-realtime', 'agent-hung-up']);
    const said = call.turns.map(({ text }) => text);
    assert.equal(said[0], greeting);
    const cut = call.turns.find(({ interrupted }) => interrupted);
    assert.match(cut?.text ?? '', /^Contoso was founded/);
    assert.ok(cut!.text.length < 100, cut!.text);
    assert.match(cut!.unheard ?? '', /chairs/);
    const [session, ...others] = world.standIns.realtime.sessions;
    assert.deepEqual(others, [], 'the page has the only session');
    // The service cuts by itself; what is written down is what it played, to a word.
    const heardMs = session!.log.truncations[0]!.audioEndMs;
    assert.ok(heardMs > 2_000 && heardMs < 4_500, `${heardMs}`);
    assert.deepEqual(session!.log.of('conversation.item.delete'), []);
    assert.deepEqual(session!.log.of('conversation.item.truncate'), []);
    assert.deepEqual(
      call.tools.map(({ name }) => name),
      ['current_time', 'hang_up'],
    );
    assert.equal(said.at(-1), 'Goodbye.');
  });

  it('ends when the page hangs up, and when an operator does', async () => {
    const one = await talk([finished, question, { wait: 'agent-speaking' }, { hangUp: true }]);
    await one.person.done;
    assert.equal((await endOf(one.callId)).end_reason, 'caller-hung-up');
    const two = await talk([{ wait: 'line-closed' }]);
    await sleep(3_000);
    assert.equal((await world.ask(`/api/calls/${two.callId}/hang-up`, {})).status, 202);
    assert.equal(await two.page.ended, 1000);
    assert.equal((await endOf(two.callId)).end_reason, 'operator-hung-up');
    await sleep(500);
    assert.deepEqual(world.standIns.realtime.calls.live, []);
  });

  it('goes on past a socket to the bridge that breaks: the agent is not even interrupted', async () => {
    const { callId, person, page } = await talk([
      finished,
      { say: 'Please tell me about your company.' },
      finished,
      question,
      finished,
      { hangUp: true },
    ]);
    await sleep(6_000);
    page.drop();
    assert.equal((await person.done).outcome, 'finished');
    assert.equal(page.connections, 2);
    assert.ok(!page.hasCarried);
    const call = await endOf(callId);
    assert.deepEqual(
      call.turns.map(({ interrupted }) => interrupted),
      [false, false, false, false, false],
      JSON.stringify(call.turns),
    );
    assert.equal(call.turns.at(-1)!.text, hours);
  });

  it('is talked by the bridge from the moment that the service is gone beside it, or was never there', async () => {
    const one = await talk([finished, question, finished, { hangUp: true }]);
    await sleep(1_500);
    for (const socket of one.live()!.sidebands) socket.terminate();
    assert.equal((await one.person.done).outcome, 'finished');
    assert.ok(one.page.hasCarried);
    const call = await endOf(one.callId);
    assert.equal(call.turns.at(-1)!.text, hours);
    assert.equal(world.standIns.realtime.sessions.length, 2, 'a session of the bridge after that of the page');

    const { realtime } = world.standIns;
    realtime.faults.refuseUpgrade = { status: 503, times: 1 };
    const two = await talk([finished, question, finished, { hangUp: true }]);
    assert.equal((await two.person.done).outcome, 'finished');
    assert.ok(two.page.hasCarried);
    assert.deepEqual(
      (await endOf(two.callId)).turns.map(({ text }) => text),
      [greeting, question.say, hours],
    );
  });

  it('is talked by the bridge where the service does not answer at its side', async () => {
    const { realtime } = world.standIns;
    realtime.faults.holdUpgrades = true;
    // What fills the wait is the first thing that is heard.
    const { callId, person, page } = await talk([finished, finished, question, finished, { hangUp: true }]);
    setTimeout(() => {
      realtime.faults.holdUpgrades = false;
    }, 4_000);
    assert.equal((await person.done).outcome, 'finished');
    assert.ok(page.hasCarried);
    assert.deepEqual(
      (await endOf(callId)).turns.map(({ text }) => text),
      [greeting, question.say, hours],
    );
  });

  it('is talked by the bridge when the page loses the service', async () => {
    const { callId, person, page, live } = await talk([finished, question, finished, { hangUp: true }]);
    await sleep(1_500);
    page.carry();
    assert.equal((await person.done).outcome, 'finished');
    assert.equal(live(), undefined);
    assert.equal((await endOf(callId)).turns.at(-1)!.text, hours);
  });

  it('is over when its page is gone without a word, at the service too', async () => {
    const { callId, page, live } = await talk([finished, { wait: 'line-closed' }]);
    await sleep(4_000);
    page.sleep();
    assert.equal((await endOf(callId)).end_reason, 'media-lost');
    await sleep(leftAfterMs);
    assert.equal(live(), undefined);
    assert.deepEqual(world.standIns.realtime.calls.hangUps, [200]);
  });

  it('is over at the service when its page has hung up already, and is asked for once', async () => {
    const { callId, person, live } = await talk([finished, { hangUp: true }]);
    await person.done;
    assert.equal((await endOf(callId)).end_reason, 'caller-hung-up');
    assert.equal(live(), undefined);
    await sleep(leftAfterMs);
    assert.deepEqual(world.standIns.realtime.calls.hangUps, [404]);
  });

  const troubles = {
    'refuses it': [503, 503, 200],
    'does not answer': [0, 0, 200],
  };
  for (const [trouble, answers] of Object.entries(troubles))
    it(`is ended at the service though that ${trouble} at first and the page is asleep, by an operator`, async () => {
      const { realtime } = world.standIns;
      if (answers[0] === 0) realtime.faults.holdHangUps = true;
      else realtime.faults.refuseHangUp = { status: 503, times: 2 };
      const { callId, page, live } = await talk([finished, { wait: 'line-closed' }]);
      await sleep(4_000);
      page.sleep();
      assert.equal((await world.ask(`/api/calls/${callId}/hang-up`, {})).status, 202);
      assert.equal((await endOf(callId)).end_reason, 'operator-hung-up');
      assert.ok(live(), 'the page is still there');
      setTimeout(() => {
        realtime.faults.holdHangUps = false;
      }, leftAfterMs + 8_000);
      await sleep(30_000);
      assert.equal(live(), undefined);
      assert.deepEqual(realtime.calls.hangUps, answers);
    });

  it('is ended at the service when it is talked by the bridge, and its page cannot leave', async () => {
    const { callId, page, live } = await talk([finished, { wait: 'line-closed' }]);
    await sleep(4_000);
    page.sleep();
    for (const socket of live()!.sidebands) socket.terminate();
    // Nobody's for as long as its page may come back.
    await sleep(15_000);
    assert.equal(live(), undefined);
    assert.equal((await endOf(callId)).end_reason, 'media-lost');
  });

  it('belongs to the call that named it first, and to a ticket of that call', async () => {
    const { id, ticket } = await talk([finished, { wait: 'line-closed' }]);
    await sleep(1_000);
    const own = await openSession(world);
    const nobody = await createPerson({ script: [], speak: async () => new Int16Array(0) });
    const refused = [
      // Somebody else's session under one's own ticket.
      joining(own.ticket, id),
      // The ticket once more while its call has a socket.
      joining(ticket, id),
      // A ticket of one call at the address of another.
      { ...joining(own.ticket, own.id), url: ticket.url },
      { url: ticket.url, protocols: ['parley', formatRealtimeCall(id)] },
    ].map((asked) => new WebPage({ ...asked, phone: nobody, peer: world.standIns.realtime.pages.createPage() }));
    await Promise.all(refused.map(({ ended }) => ended));
    assert.deepEqual(
      refused.map(({ connections }) => connections),
      [0, 0, 0, 0],
    );
  });
});
