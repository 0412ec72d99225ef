// One trace a call, though its bridge was told to stop, or died, and another one has it: what the portal shows of it stays together.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { phoneCarriers } from '../../shared/call/call.ts';
import { readConfig } from '../../shared/config.ts';
import { attributeNames, spanNames } from '../../shared/telemetry/names.ts';
import { openTelemetry, type Telemetry } from '../../shared/telemetry/telemetry.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { findTrace } from '../ingestion/waterfall.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { type BridgeMachine, createMachinesStarter } from '../world/product-machines.ts';
import { placeCall } from './carrier-leg.ts';
import { findCallId, type Machines } from './machines.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

const question: PersonStep = { say: 'What are your opening hours?' };
const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  question,
  { wait: 'agent-finished' },
  { pauseMs: 25_000 },
  question,
  { wait: 'agent-finished' },
  { hangUp: true },
];
/** The first answer was heard, and the caller says nothing. */
const untilQuietMs = 14_000;

const ways: Readonly<Record<string, (bridge: BridgeMachine) => void>> = {
  'is told to stop': (bridge) => void bridge.terminate(),
  dies: (bridge) => bridge.kill(),
};

const calls = Object.keys(ways).flatMap((way, n) =>
  phoneCarriers.map((carrier, m) => ({ way, carrier, number: `+155501${70 + 2 * n + m}` })),
);
let world: Machines;
let telemetry: Telemetry;
before(async () => {
  const start = createMachinesStarter(virtualTime, { bridges: 1 });
  world = await startScenarioWorldWith({ timeScale: 1, telemetry: {} }, start);
  telemetry = await openTelemetry(readConfig(world.settings), 'parley');
  for (const way of Object.keys(ways)) {
    const ringing = calls.filter((call) => call.way === way);
    const people = ringing.map(async ({ carrier, number }) => {
      const phone = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
      await placeCall(world, { carrier, direction: 'inbound', number, phone });
      return phone.done;
    });
    await sleep(untilQuietMs);
    const serving = world.product.bridges.find(({ isRunning }) => isRunning)!;
    await world.product.addBridge();
    ways[way]!(serving);
    for (const { outcome, reason } of await Promise.all(people)) assert.equal(outcome, 'finished', reason);
  }
  await sleep(10_000);
  await telemetry.close();
});
after(() => world.stop());

for (const { way, carrier, number } of calls)
  it(`at ${carrier}, of a call whose bridge ${way}`, async () => {
    const { envelopes } = world.standIns.ingestion!;
    const callId = (await findCallId(world.product, number))!;
    const spans = findTrace(envelopes, callId);
    const traceIds = envelopes.flatMap(({ tags, data }) =>
      data.baseData.properties?.[attributeNames.callId] === callId ? [tags['ai.operation.id']] : [],
    );
    assert.equal(new Set(traceIds).size, 1, 'there are several traces');
    const [answer, ...others] = spans.filter(({ name }) => name === spanNames.answer);
    assert.deepEqual(others, []);
    const served = spans.filter(({ name }) => name === `${spanNames.call} receptionist`);
    assert.ok(served.every(({ parentId }) => parentId === answer!.id));
    // Of a bridge that died the span of the call was never told: it was not over.
    assert.equal(served.length, way === 'dies' ? 1 : 2);
    assert.equal(spans.filter(({ name }) => name === spanNames.turn).length, 2);
    assert.equal(spans.filter(({ name }) => name === spanNames.media).length, way === 'dies' ? 1 : 2);
    const ids = new Set(spans.map(({ id }) => id));
    const roots = spans.filter(({ parentId }) => parentId === undefined || !ids.has(parentId));
    if (way === 'is told to stop') assert.deepEqual(roots, [answer]);
  });
