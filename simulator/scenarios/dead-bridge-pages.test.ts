// Pages that talk with the voice service themselves while the bridge beside them dies: what was said meanwhile, and the tools that were under way.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PersonStep } from '../caller/person-script.ts';
import type { BrainRules } from '../chat/brain.ts';
import { type JsonRequest, startJsonService } from '../rest/json-service.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { createMachinesStarter } from '../world/product-machines.ts';
import { poll } from './carrier-leg.ts';
import { type Machines, startMachines } from './machines.ts';
import { startScenarioWorldWith } from './scenario-world.ts';
import { finished, greeting, hours, question, readEnd, talkDirectly } from './talking-page.ts';

/** The only bridge dies after so long, and another one is there so much later. */
async function outlive(world: Machines, script: readonly PersonStep[], diesAfterMs: number, awayMs = 0) {
  const talking = await talkDirectly(world, script);
  await sleep(diesAfterMs);
  world.product.bridges.at(-1)!.kill();
  await sleep(awayMs);
  await world.product.addBridge();
  const report = await talking.person.done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.ok(!talking.page.hasCarried);
  return readEnd(world, talking.callId);
}

describe('the bridge beside a page dies, and the next one', () => {
  it('writes down what the agent was saying, and a whole exchange that it did not see', async (t) => {
    const world = await startMachines(t);
    const again = { pauseMs: 3_000 };
    const script = [
      finished,
      question,
      finished,
      again,
      question,
      finished,
      again,
      question,
      finished,
      { hangUp: true },
    ];
    const call = await outlive(world, script as PersonStep[], 9_500, 8_000);
    assert.deepEqual(
      call.turns.map(({ text, interrupted }) => [text, interrupted]),
      [greeting, ...Array(3).fill([question.say, hours]).flat()].map((text) => [text, false]),
    );
  });

  it('writes down how far a reply was heard that was cut meanwhile', async (t) => {
    const world = await startMachines(t);
    const script = [
      finished,
      { say: 'Please tell me about your company.' },
      { afterAgentSpokeMs: 3_500, say: 'Stop, please.' },
      finished,
      question,
      finished,
      { hangUp: true },
    ] as const;
    const call = await outlive(world, script, 9_500, 5_000);
    const said = call.turns.map(({ text }) => text);
    assert.deepEqual(
      [said[0], said[1], ...said.slice(3)],
      [greeting, script[1].say, 'Stop, please.', 'Of course. What else can I do for you?', question.say, hours],
    );
    const cut = call.turns[2]!;
    assert.ok(cut.interrupted);
    assert.match(cut.text, /^Contoso was founded/);
    assert.ok(cut.text.length > 30 && cut.text.length < 90, cut.text);
    assert.match(cut.unheard ?? '', /chairs/);
  });

  it('writes down each turn once where that one dies as well, as soon as it is there', async (t) => {
    const world = await startMachines(t);
    const talking = await talkDirectly(world, [finished, question, finished, question, finished, { hangUp: true }]);
    await sleep(9_500);
    for (const aliveMs of [20, 300, 1_000]) {
      world.product.bridges.at(-1)!.kill();
      await world.product.addBridge();
      await sleep(aliveMs);
    }
    assert.equal((await talking.person.done).outcome, 'finished');
    assert.deepEqual(
      (await readEnd(world, talking.callId)).turns.map(({ text }) => text),
      [greeting, ...Array(2).fill([question.say, hours]).flat()],
    );
  });

  it('does not greet who was being greeted', async (t) => {
    const world = await startMachines(t);
    const call = await outlive(world, [finished, question, finished, { hangUp: true }], 1_500);
    assert.deepEqual(
      call.turns.map(({ text }) => text),
      [greeting, question.say, hours],
    );
  });

  it('answers for the tool that was under way, and for all that are asked for later', async (t) => {
    const { world, orders } = await startWithOrders(t);
    const talking = await talkDirectly(world, [
      finished,
      ...Array(3).fill([question, finished]).flat(),
      { hangUp: true },
    ]);
    await poll(
      async () => orders.asked.length,
      (count) => count === 2,
      60_000,
    );
    world.product.bridges[0]!.kill();
    orders.isHeld = false;
    await world.product.addBridge();
    const report = await talking.person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(orders.asked.length, 4, 'the one that was under way was asked for once more');
    const call = await readEnd(world, talking.callId);
    assert.deepEqual(
      call.turns.map(({ text }) => text),
      ['Hello.', ...Array(3).fill([question.say, 'Your order is on its way.']).flat()],
    );
    assert.deepEqual(
      call.tools.map(({ name, ok }) => [name, ok]),
      Array(3).fill(['find_order', true]),
    );
    const [session] = world.standIns.realtime.sessions;
    assert.equal(session!.log.of('error').length, 0);
  });
});

const rules: BrainRules = {
  phrases: [
    {
      heard: question.say,
      tool: { name: 'find_order', arguments: { order: '4711' }, report: 'Your order is {output.state}.' },
    },
  ],
  otherwise: 'Sorry, I did not understand.',
};

/** The agent looks up orders at a service that holds the second request back. */
async function startWithOrders(t: TestContext) {
  const orders = { asked: [] as JsonRequest[], isHeld: true };
  const house = await startJsonService({
    nameOf: () => 'order',
    async answer(request) {
      orders.asked.push(request);
      if (orders.asked.length === 2 && orders.isHeld) await sleep(60_000);
      return { status: 200, body: { state: 'on its way' } };
    },
    fail: (status) => ({ status }),
  });
  t.after(() => house.stop());
  const desk = `---
name: desk
greeting: Hello.
models: [gpt-realtime]
tools: [hang_up]
http_tools:
  find_order:
    description: Finds an order of the caller.
    url: ${house.url}/orders/{order}
    input: { type: object, properties: { order: { type: string } }, required: [order] }
    timeout_seconds: 8
---
Be kind.`;
  const options = {
    timeScale: 1,
    rules,
    agents: { 'desk.md': desk },
    settings: { DEFAULT_AGENT: 'desk', AGENT_ALLOWED_HOSTS: new URL(house.url).host },
  };
  const world = await startScenarioWorldWith(options, createMachinesStarter(virtualTime, { bridges: 1 }));
  t.after(() => world.stop());
  return { world, orders };
}
