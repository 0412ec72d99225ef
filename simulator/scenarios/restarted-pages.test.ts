// Pages that talk, each way, while the bridges beside them are restarted one after the other, or die: the conversations go on.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PersonStep } from '../caller/person-script.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { liveStoreMachine } from '../world/product-machines.ts';
import { startMachines } from './machines.ts';
import { finished, greeting, hours, question, readEnd, talkByBridge, talkDirectly } from './talking-page.ts';

const script: readonly PersonStep[] = [
  finished,
  question,
  finished,
  { pauseMs: 5_000 },
  question,
  finished,
  { pauseMs: 6_000 },
  question,
  finished,
  { hangUp: true },
];

it('a rolling restart of two bridges is noticed by no page, whichever way it talks', async (t) => {
  const world = await startMachines(t, { bridges: 2 });
  const pages = [];
  for (let n = 0; n < 3; n++) {
    pages.push(await talkDirectly(world, script), await talkByBridge(world, script));
    await sleep(500);
  }
  for (const bridge of [...world.product.bridges]) {
    await world.product.addBridge();
    await bridge.terminate();
  }
  for (const { callId, person, page } of pages) {
    const report = await person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.ok(page.connections > 1, 'it was moved');
    assert.ok(!page.hasCarried);
    const call = await readEnd(world, callId);
    assert.equal(call.end_reason, 'caller-hung-up');
    assert.deepEqual(
      call.turns.map(({ text }) => text),
      [greeting, ...Array(3).fill([question.say, hours]).flat()],
    );
  }
  await sleep(5_000);
  assert.deepEqual(world.standIns.realtime.calls.hangUps, [404, 404, 404], 'no bridge ends what it has given away');
});

it('a bridge that dies takes no conversation with it: who talks directly does not even hear of it', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const direct = await talkDirectly(world, script);
  const other = await talkByBridge(world, script);
  await sleep(9_500);
  await world.product.addBridge();
  world.product.bridges[0]!.kill();
  for (const { person } of [direct, other]) assert.equal((await person.done).outcome, 'finished');
  const call = await readEnd(world, direct.callId);
  assert.ok(!direct.page.hasCarried);
  assert.equal(call.end_reason, 'caller-hung-up');
  assert.deepEqual(
    call.turns.map(({ text }) => text),
    [greeting, ...Array(3).fill([question.say, hours]).flat()],
    'what the agent was saying just then too',
  );
  assert.ok(!call.turns.some(({ interrupted }) => interrupted));
  assert.equal((await readEnd(world, other.callId)).turns.at(-1)!.text, hours);
});

it('a page whose first socket meets a bridge that hangs talks with another one, also when that one wakes up', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const [hung] = world.product.bridges;
  hung!.pause();
  const startedMs = performance.now();
  const { callId, person, page } = await talkByBridge(world, script);
  await world.product.addBridge();
  await sleep(9_000);
  hung!.resume();
  const report = await person.done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.equal(page.connections, 1, 'it stays where it is');
  assert.ok(page.sockets[0]!.fromMs - startedMs < 6_000, `${page.sockets[0]!.fromMs - startedMs} ms`);
  const call = await readEnd(world, callId);
  assert.equal(call.end_reason, 'caller-hung-up');
  assert.deepEqual(
    call.turns.map(({ text }) => text),
    [greeting, ...Array(3).fill([question.say, hours]).flat()],
  );
});

it('a page that no bridge serves gives up after some tries', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  world.product.bridges[0]!.pause();
  const startedMs = performance.now();
  const { page } = await talkByBridge(world, [{ wait: 'line-closed' }]);
  await page.ended;
  assert.equal(page.connections, 0);
  const triedMs = performance.now() - startedMs;
  world.product.bridges[0]!.resume();
  assert.ok(triedMs > 12_000 && triedMs < 20_000, `${triedMs} ms`);
});

it('a page that hung up has hung up, though the bridge that it told died before a store took that', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const talking = await talkByBridge(world, [finished, { pauseMs: 3_000 }, { hangUp: true }]);
  const [bridge] = world.product.bridges;
  await sleep(6_000);
  assert.equal(talking.page.isOver, false);
  virtualTime.link(bridge!.name, liveStoreMachine).blackHole();
  await talking.page.ended;
  await sleep(500);
  bridge!.kill();
  const call = await readEnd(world, talking.callId);
  assert.deepEqual([call.end_reason, call.end_code], ['caller-hung-up', undefined]);
});
