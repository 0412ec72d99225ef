// Bridges that are told to stop while they hold calls: each call goes to another bridge between two turns, and none is lost.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Carrier, carriers } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { placeCall } from './carrier-leg.ts';
import { findCallId, type Machines, startMachines } from './machines.ts';

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

async function call(world: Machines, n: number, script: readonly PersonStep[], carrier: Carrier = carriers[n % 2]!) {
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
  const gaps: number[] = [];
  const waits: number[] = [];
  for (const running of calls) {
    const report = await running.done;
    assert.equal(report.outcome, 'finished', `${running.carrier}: ${report.reason}`);
    waits.push(...report.lines.map(({ answeredAfterMs }) => answeredAfterMs ?? Number.POSITIVE_INFINITY));
    gaps.push(...measureGaps(world, running));
    const events = await readEvents(world, running);
    const said = events.flatMap((event) => (event.type === 'turn-finished' ? [`${event.role}: ${event.text}`] : []));
    assert.equal(said.filter((text) => text.endsWith(greeting)).length, 1, said.join(' | '));
  }
  t.diagnostic(
    `${gaps.length} hand-overs, ${Math.max(...gaps)} ms without a line at most; answers within ${Math.max(...waits)} ms`,
  );
  assert.ok(gaps.length >= calls.length && Math.max(...gaps) < maxSilenceMs, String(gaps));
  assert.ok(Math.max(...waits) < answerMs + maxSilenceMs, String(waits));
});
