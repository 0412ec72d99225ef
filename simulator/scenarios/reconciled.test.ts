// Calls that would stay open, silent or "active" for ever: whoever is left ends, resumes or closes them within two minutes.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PhoneCarrier, phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { ringAs } from './inbound-call.ts';
import { findCallId, type Machines, readRecord, startMachines } from './machines.ts';

const number = '+15550164';
const question = 'What are your opening hours?';
const promisedMs = 120_000;
/** Of the receptionist, and the caller knows that it is over. */
const greetingMs = 6_000;
const isEnded = ({ status }: { readonly status: string }) => status === 'ended';

const timed = async <Value>(work: Promise<Value>) => {
  const startedMs = performance.now();
  const value = await work;
  return { value, tookMs: performance.now() - startedMs };
};

const post = async (world: Machines, path: string, body: object) => (await world.ask(path, body)).status;

describe('a hang-up that ACS answers with 500', () => {
  const saysGoodbye: readonly PersonStep[] = [
    { wait: 'agent-finished' },
    { say: 'Goodbye.' },
    { wait: 'line-closed', maxMs: 200_000 },
  ];

  const failForSeconds = ({ standIns }: Machines, seconds: number) => {
    const heal = standIns.acs.faults.rest.add({
      operation: 'terminate',
      instead: { status: 500 },
      times: Number.POSITIVE_INFINITY,
    });
    setTimeout(heal, seconds * 1000);
  };

  it('for 15 s is pursued by the bridge', async (t) => {
    const world = await startMachines(t);
    const { done } = await ringAs(world, number, saysGoodbye);
    await sleep(greetingMs);
    failForSeconds(world, 15);
    const { value: report, tookMs } = await timed(done);
    assert.equal(report.outcome, 'finished', report.reason);
    assert.ok(tookMs < 30_000, `${tookMs} ms`);
    assert.equal((await readRecord(world, number, isEnded))?.end_reason, 'agent-hung-up');
  });

  it('while the bridge dies is pursued by functions', async (t) => {
    const world = await startMachines(t);
    const { done } = await ringAs(world, number, saysGoodbye);
    await sleep(greetingMs);
    failForSeconds(world, 30);
    await sleep(10_000);
    const callId = (await findCallId(world.product, number))!;
    const facts = (await world.product.stores.stream.read(callId)).map(({ type }) => type);
    assert.ok(facts.includes('hang-up-requested'), facts.join(' '));
    world.product.bridges[0]!.kill();
    const { value: report, tookMs } = await timed(done);
    assert.equal(report.outcome, 'finished', report.reason);
    assert.ok(tookMs < promisedMs, `${tookMs} ms`);
    assert.equal((await readRecord(world, number, isEnded))?.end_reason, 'agent-hung-up');
  });

  it('is promised to an operator, and kept, though the caller presses keys all the while', async (t) => {
    const world = await startMachines(t);
    const presses: readonly PersonStep[] = Array.from({ length: 30 }, () => [
      { pauseMs: 4_000 },
      { press: '1' },
    ]).flat();
    const { done } = await ringAs(world, number, [{ wait: 'agent-finished' }, ...presses]);
    await sleep(greetingMs);
    failForSeconds(world, 15);
    const callId = await findCallId(world.product, number);
    assert.equal(await post(world, `/api/calls/${callId}/hang-up`, {}), 202);
    const { value: report, tookMs } = await timed(done);
    assert.equal(report.outcome, 'cut-off', report.reason);
    assert.ok(tookMs < promisedMs, `${tookMs} ms`);
    assert.equal((await readRecord(world, number, isEnded))?.end_reason, 'operator-hung-up');
  });
});

describe('a call whose end is not told', () => {
  const loseTheEnd = ({ standIns: { acs, twilio } }: Machines) => {
    acs.faults.callbacks.drop = (type) => type === 'CallDisconnected';
    twilio.faults.webhooks.drop = (status) => status === 'completed';
  };
  const dial = (world: Machines, carrier: PhoneCarrier) => post(world, '/api/call', { to: number, carrier });

  for (const carrier of phoneCarriers) {
    it(`at ${carrier} is closed, and its place among those that may go on at once is free`, async (t) => {
      const world = await startMachines(t, { bridges: 1 }, { DIAL_MAX_PARALLEL: '1' });
      loseTheEnd(world);
      const phone = createTonePhone({ hz: 400 });
      world.standIns[carrier].phones.set(number, { kind: 'answers', afterMs: 1_000, phone });
      assert.equal(await dial(world, carrier), 201);
      await sleep(greetingMs);
      assert.equal(await dial(world, carrier), 429);
      phone.hangUp();
      const { value: record, tookMs } = await timed(readRecord(world, number, isEnded));
      assert.deepEqual([record?.status, record?.end_reason], ['ended', 'caller-hung-up']);
      assert.ok(tookMs < promisedMs, `${tookMs} ms`);
      assert.equal(await dial(world, carrier), 201);
    });

    it(`at ${carrier} is closed when it was never picked up, too`, async (t) => {
      const world = await startMachines(t);
      world.standIns.acs.faults.callbacks.drop = () => true;
      world.standIns.twilio.faults.webhooks.drop = () => true;
      world.standIns[carrier].phones.set(number, { kind: 'busy' });
      assert.equal(await dial(world, carrier), 201);
      const { value: record, tookMs } = await timed(readRecord(world, number, isEnded));
      const reason = { acs: 'no-answer', twilio: 'busy' }[carrier];
      assert.deepEqual([record?.status, record?.end_reason], ['ended', reason]);
      assert.ok(tookMs < promisedMs, `${tookMs} ms`);
    });
  }
});

describe('functions and bridge that are killed together in the midst of a call at ACS', () => {
  it('find it when both are up again, and the agent goes on', async (t) => {
    const world = await startMachines(t);
    const { done } = await ringAs(world, number, [
      { wait: 'agent-finished' },
      { wait: 'agent-finished', maxMs: 200_000 },
      { say: question },
      { wait: 'agent-finished' },
      { hangUp: true },
    ]);
    await sleep(greetingMs);
    world.product.functions[0]!.kill();
    world.product.bridges[0]!.kill();
    const killedMs = performance.now();
    await sleep(15_000);
    await Promise.all([world.product.addFunctions(), world.product.addBridge()]);
    const { realtime } = world.standIns;
    await realtime.nextSession();
    assert.ok(performance.now() - killedMs < promisedMs, `${performance.now() - killedMs} ms`);
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.ok(report.lines[0]?.answeredAfterMs !== undefined, 'the question was answered');
    assert.equal((await readRecord(world, number, isEnded))?.end_reason, 'caller-hung-up');
  });

  it('leave no open line when no bridge comes back', async (t) => {
    const world = await startMachines(t);
    const { done } = await ringAs(world, number, [{ wait: 'agent-finished' }, { wait: 'line-closed', maxMs: 200_000 }]);
    await sleep(greetingMs);
    world.product.functions[0]!.kill();
    world.product.bridges[0]!.kill();
    await sleep(5_000);
    await world.product.addFunctions();
    const { value: report, tookMs } = await timed(done);
    assert.equal(report.outcome, 'finished', report.reason);
    assert.ok(tookMs < promisedMs, `${tookMs} ms`);
    assert.equal((await readRecord(world, number, isEnded))?.end_reason, 'media-lost');
  });
});

it('two functions at a time ask each carrier about a call once a round', async (t) => {
  const world = await startMachines(t, { bridges: 1, functions: 2 });
  const person = await createPerson({
    script: [{ wait: 'agent-finished' }, { wait: 'line-closed', maxMs: 300_000 }],
    speak: (text) => world.standIns.voice.speak(text),
  });
  const { call } = world.standIns.acs.ring({ from: number, phone: person });
  await sleep(greetingMs);
  const callId = (await findCallId(world.product, number))!;
  await sleep(1_000);
  world.standIns.acs.faults.rest.add({
    operation: 'terminate',
    instead: { status: 400, code: '8500' },
    times: Number.POSITIVE_INFINITY,
  });
  await post(world, `/api/calls/${callId}/hang-up`, {});
  const looks = () => call.operations.filter(({ name }) => name === 'getCallConnectionProperties').length;
  const before = looks();
  await sleep(91_000);
  assert.ok(looks() - before >= 2 && looks() - before <= 4, `${looks() - before} looks in 91 s`);
});
