// One trace a call over functions and bridge, as Application Insights is sent it, held against what was on the wire.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { Ingestion } from '../ingestion/ingestion.ts';
import { findTrace, formatWaterfall, type TracedSpan } from '../ingestion/waterfall.ts';
import type { World } from '../world/world.ts';
import { ring } from './inbound-call.ts';
import { ListeningPhone } from './listening-phone.ts';
import { startScenarioWorld } from './scenario-world.ts';

const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'What are your opening hours?' },
  { wait: 'agent-finished' },
  { say: 'What time is it?' },
  { wait: 'agent-finished' },
  { say: 'Please tell me about your company.' },
  { afterAgentSpokeMs: 2500, say: 'Stop, please.' },
  { wait: 'agent-finished' },
  { say: 'Goodbye.' },
  { wait: 'line-closed' },
];

describe('the trace of a call', () => {
  let world: World;
  let ingestion: Ingestion;
  let spans: readonly TracedSpan[];
  let phone: ListeningPhone;
  let sentMs: readonly number[];
  before(async () => {
    world = await startScenarioWorld({ telemetry: {} });
    ingestion = world.standIns.ingestion!;
    const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
    phone = new ListeningPhone(person);
    const { call, callId } = await ring(world, '+15550121', phone);
    const report = await person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    await call.ended;
    sentMs = call.media!.frames.map(({ atMs }) => atMs);
    await world.product.stop();
    spans = findTrace(ingestion.envelopes, callId);
  });
  after(() => world.stop());

  it('x', () => {
    console.log(formatWaterfall(spans));
    console.log(ingestion.refused, ingestion.answers, phone, sentMs.length);
  });
});
