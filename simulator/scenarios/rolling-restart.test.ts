// Bridges that are told to stop while they hold calls: each call goes to another bridge between two turns, and none is lost.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Carrier, phoneCarriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { placeCall } from './carrier-leg.ts';
import { findCallId, type Machines, readRecord, startMachines } from './machines.ts';

const secondMs = 1_000;
const greeting = 'Thank you for calling Contoso. How can I help you today?';
/** What a caller may notice of a hand-over. */
const maxSilenceMs = 1 * secondMs;
/** Of the stand-in's model, over these links, on any day. */
const answerMs = 1.1 * secondMs;

interface RunningCall {
  readonly carrier: Carrier;
  readonly number: string;
  readonly done: Promise<PersonReport>;
}

async function call(
  world: Machines,
  n: number,
  script: readonly PersonStep[],
  carrier: Carrier = phoneCarriers[n % 2]!,
) {
  const number = `+155501${String(n).padStart(2, '0')}`;
  const phone = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  await placeCall(world, { carrier, direction: 'inbound', number, phone });
  return { carrier, number, done: phone.done } satisfies RunningCall;
}

/** From the end of each media socket of a call to the beginning of the next, on the carrier's wire. */
function measureGaps({ standIns: { acs, twilio } }: Machines, { carrier, number }: RunningCall): number[] {
  const events =
    carrier === 'acs'
      ? acs.calls.find((call) => call.number === number)!.media.events
      : twilio.calls
          .find(({ options }) => options.from === number)!
          .streams.flatMap(({ events }) => events.map(({ event: type, ...rest }) => ({ type, ...rest })));
  return events.flatMap(({ type, atMs }, index) =>
    type === 'opened' && index > 0 ? [Math.round(atMs - events[index - 1]!.atMs)] : [],
  );
}

async function readEvents({ product }: Machines, { number }: RunningCall) {
  return product.stores.stream.read((await findCallId(product, number))!);
}

/** A link as it is between places of one cloud, and from there to a carrier. */
function slowDown(machine: string): void {
  virtualTime.link(machine, 'world').delayMs = 20;
}

const question = { say: 'What are your opening hours?' };
const talk: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  question,
  { wait: 'agent-finished' },
  { pauseMs: 5 * secondMs },
  question,
  { wait: 'agent-finished' },
  { pauseMs: 6 * secondMs },
  question,
  { wait: 'agent-finished' },
  { hangUp: true },
];

/** What the callers of such a call may notice: they are all answered, in time, and no socket is missed for long. */
async function checkUnnoticed(t: TestContext, world: Machines, calls: readonly RunningCall[]) {
  const gaps: number[] = [];
  const waits: number[] = [];
  for (const running of calls) {
    const report = await running.done;
    assert.equal(report.outcome, 'finished', `${running.number}, ${running.carrier}: ${report.reason}`);
    waits.push(...report.lines.map(({ answeredAfterMs }) => answeredAfterMs ?? Number.POSITIVE_INFINITY));
    gaps.push(...measureGaps(world, running));
    const events = await readEvents(world, running);
    const said = events.flatMap((event) => (event.type === 'turn-finished' ? [event.text] : []));
    assert.equal(said.filter((text) => text === greeting).length, 1, said.join(' | '));
  }
  t.diagnostic(
    `${gaps.length} hand-overs, ${Math.max(...gaps)} ms without a line at most; answers within ${Math.max(...waits)} ms`,
  );
  assert.ok(Math.max(...gaps) < maxSilenceMs, String(gaps));
  assert.ok(Math.max(...waits) < answerMs + maxSilenceMs, String(waits));
  return gaps.length;
}

it('a rolling restart of two bridges loses none of 20 calls, and their callers hear nothing of it', async (t) => {
  const world = await startMachines(t, { bridges: 2 });
  const { product } = world;
  for (const name of ['bridge-1', 'bridge-2', 'bridge-3', 'bridge-4', 'functions-1']) slowDown(name);
  const calls: RunningCall[] = [];
  for (let n = 0; n < 20; n++) {
    calls.push(await call(world, n, talk));
    await sleep(250);
  }
  for (const bridge of [...product.bridges]) {
    await product.addBridge();
    const startedMs = performance.now();
    await bridge.terminate();
    t.diagnostic(`${bridge.name} was empty after ${Math.round(performance.now() - startedMs)} ms`);
  }
  assert.ok((await checkUnnoticed(t, world, calls)) >= calls.length);
});

it('a bridge that is killed a minute after SIGTERM has no call left, though callers never stop speaking', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const { product } = world;
  const monologue = { say: `${'I would like to tell you something. '.repeat(18)}${question.say}` };
  const calls = await Promise.all(
    phoneCarriers.flatMap((carrier, n) => [
      call(
        world,
        30 + n,
        [{ wait: 'agent-finished' }, monologue, { wait: 'agent-finished' }, { hangUp: true }],
        carrier,
      ),
      call(
        world,
        40 + n,
        [{ wait: 'agent-finished' }, { pauseMs: 50 * secondMs }, question, ...talk.slice(-2)],
        carrier,
      ),
    ]),
  );
  await sleep(5 * secondMs);
  const [old] = product.bridges;
  await product.addBridge();
  void old!.terminate();
  await sleep(30 * secondMs);
  assert.equal(await old!.countCalls(), 2, 'those who speak are let speak');
  await sleep(15 * secondMs);
  const isEmpty = !old!.isRunning;
  await sleep(15 * secondMs);
  old!.kill();
  assert.ok(isEmpty, 'within 45 s');
  assert.equal(await checkUnnoticed(t, world, calls), 4);
  const left = await Promise.all(
    calls.map(async (running) =>
      (await readEvents(world, running)).flatMap((event) =>
        event.type === 'media-stopped' && event.handedOver ? [event.handedOver] : [],
      ),
    ),
  );
  assert.deepEqual(left, [['caller'], ['nobody'], ['caller'], ['nobody']]);
});

it('a single bridge lets its calls go on, and hands them over as soon as there is another one', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const { product, standIns } = world;
  const script = [...talk.slice(0, -1), { pauseMs: 15 * secondMs }, question, ...talk.slice(-2)];
  const calls = await Promise.all(phoneCarriers.map((carrier, n) => call(world, 50 + n, script, carrier)));
  await sleep(8 * secondMs);
  const [only] = product.bridges;
  const terminated = only!.terminate();
  await sleep(10 * secondMs);
  // Nobody rings into silence meanwhile.
  const late = await call(world, 59, [{ wait: 'line-closed' }], 'acs');
  await late.done;
  assert.deepEqual(standIns.acs.calls.find(({ number }) => number === late.number)!.media.events, []);
  assert.equal((await readRecord(world, late.number, ({ status }) => status === 'ended'))?.end_reason, 'bridge-full');
  await sleep(5 * secondMs);
  assert.equal(await only!.countCalls(), 2);
  await product.addBridge();
  await sleep(15 * secondMs);
  await terminated;
  assert.equal(await checkUnnoticed(t, world, calls), 2);
});

it('a call whose carrier refuses to move it goes on where it is, and is moved when the carrier does', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const { product, standIns } = world;
  const calls = await Promise.all(phoneCarriers.map((carrier, n) => call(world, 60 + n, talk, carrier)));
  const acsFaults = standIns.acs.faults.rest;
  acsFaults.add({ operation: 'stopMediaStreaming', times: 3, instead: { status: 429 } });
  acsFaults.add({ operation: 'startMediaStreaming', instead: { status: 500 } });
  standIns.twilio.faults.rest.add({ operation: 'redirect', times: 3, instead: { status: 500 } });
  await sleep(8 * secondMs);
  await product.addBridge();
  const startedMs = performance.now();
  await product.bridges[0]!.terminate();
  assert.ok(performance.now() - startedMs > 10 * secondMs, 'three refusals, two seconds apart, after the first five');
  assert.equal(await checkUnnoticed(t, world, calls), 2);
});

it('a call is handed over though the functions are away meanwhile', async (t) => {
  const world = await startMachines(t, { bridges: 1 });
  const { product } = world;
  const calls = await Promise.all(phoneCarriers.map((carrier, n) => call(world, 70 + n, talk, carrier)));
  await sleep(8 * secondMs);
  await product.addBridge();
  product.functions[0]!.kill();
  await product.bridges[0]!.terminate();
  await product.addFunctions();
  for (const running of calls) {
    const report = await running.done;
    assert.equal(report.outcome, 'finished', `${running.carrier}: ${report.reason}`);
    // At ACS the bridge waits for the functions to have the stream started again, and then does it itself.
    const [gapMs = Number.POSITIVE_INFINITY, ...more] = measureGaps(world, running);
    assert.ok(more.length === 0 && gapMs < (running.carrier === 'acs' ? 5 * secondMs : maxSilenceMs), `${gapMs} ms`);
  }
});
