// Calls of every kind that telemetry tells of: good ones, refused ones, models and carriers that fail, and what was sent of them.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { placedCallSchema } from '../../shared/api.ts';
import { createLogger, type LogLine } from '../../shared/logger.ts';
import { emitLogRecord } from '../../shared/telemetry/log-records.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import type { Ingestion } from '../ingestion/ingestion.ts';
import type { World } from '../world/world.ts';
import { ring } from './inbound-call.ts';
import { ListeningPhone } from './listening-phone.ts';
import { startScenarioWorld } from './scenario-world.ts';

/** Metrics are sent once a minute. */
const untilMetricsMs = 61_000;
/** The bridges tell how full they are every two seconds. */
const untilAllKnowMs = 4_000;

const callee = '+15550127';
const recordedCallee = '+15550128';
const sales = '+15550177';
/** Recorded, and with somebody to hand over to. */
const clerk = `---
name: clerk
greeting: Thank you for calling Contoso. How can I help you today?
models: [gpt-realtime]
tools: [transfer_to_human, hang_up]
transfer_targets: { sales: "${sales}" }
recording: { enabled: true }
---
You are the receptionist of Contoso.`;
/** Nobody tells of the recording: it is overdue after ten minutes, and Event Grid alone could tell where it is. */
const untilOverdueMs = 12 * 60_000;

const mainScript: readonly PersonStep[] = [
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
const shortScript: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'What are your opening hours?' },
  { wait: 'agent-finished' },
  { hangUp: true },
];

export interface ObservedDay {
  readonly ingestion: Ingestion;
  readonly lines: readonly LogLine[];
  /** The first call, from its caller's side. */
  readonly callId: string;
  readonly phone: ListeningPhone;
  /** The second call: ours, over Twilio. */
  readonly dialledId: string;
  /** When each frame of the agent came to the carrier, by the monotonic clock. */
  readonly framesAtMs: readonly number[];
  /** From the monotonic clock to Unix time. */
  readonly clockMs: number;
}

export async function liveObservedDay(): Promise<ObservedDay> {
  const lines: LogLine[] = [];
  const log = createLogger({
    level: 'info',
    showPii: false,
    service: 'parley',
    destination: { write() {} },
    onLine(line) {
      lines.push(line);
      emitLogRecord(line);
    },
  });
  const world = await startScenarioWorld({
    log,
    telemetry: {},
    agents: { 'clerk.md': clerk },
    settings: { MAX_CALLS: '1', WHEN_FULL: 'busy' },
  });
  try {
    const { voice } = world.standIns;
    const phone = new ListeningPhone(await createPerson({ script: mainScript, speak: (text) => voice.speak(text) }));
    const { call, callId } = await ring(world, '+15550121', phone);
    await call.ended;
    const framesAtMs = call.media.frames.map(({ atMs }) => atMs);
    const dialledId = await dialOut(world);
    await failOver(world);
    await beFull(world);
    await failAll(world);
    await refuse(world);
    await leaveUndone(world);
    await sleep(untilMetricsMs);
    await world.product.stop();
    const ingestion = world.standIns.ingestion!;
    return { ingestion, lines, callId, dialledId, phone, framesAtMs, clockMs: Date.now() - performance.now() };
  } finally {
    await world.stop();
  }
}

/** An order of the API, over the other carrier. */
async function dialOut(world: World): Promise<string> {
  const { twilio, voice } = world.standIns;
  await sleep(untilAllKnowMs);
  const phone = await createPerson({ script: shortScript, speak: (text) => voice.speak(text) });
  twilio.phones.set(callee, { kind: 'answers', afterMs: 200, phone });
  const placed = await world.ask('/api/call', { to: callee, carrier: 'twilio' });
  assert.equal(placed.status, 201);
  assert.equal((await phone.done).outcome, 'finished');
  return placedCallSchema.parse(await placed.json()).call_id;
}

/** The first model is over its quota. */
async function failOver(world: World): Promise<void> {
  const { acs, realtime, voice } = world.standIns;
  await sleep(untilAllKnowMs);
  realtime.faults.refuseUpgrade = { status: 429, times: 1 };
  const person = await createPerson({ script: shortScript, speak: (text) => voice.speak(text) });
  acs.ring({ from: '+15550122', phone: person });
  assert.equal((await person.done).outcome, 'finished');
}

/** Two callers, and a place for one, whose media socket breaks once. */
async function beFull(world: World): Promise<void> {
  const { acs } = world.standIns;
  const phones = [createTonePhone({ hz: 400, level: 0 }), createTonePhone({ hz: 500, level: 0 })] as const;
  await sleep(untilAllKnowMs);
  const { call } = acs.ring({ from: '+15550123', phone: phones[0] });
  await sleep(untilAllKnowMs);
  call.dropMedia();
  await sleep(untilAllKnowMs);
  acs.ring({ from: '+15550124', phone: phones[1] });
  await sleep(untilAllKnowMs);
  phones[0].hangUp();
  await sleep(untilAllKnowMs);
}

/** No model can be had. */
async function failAll(world: World): Promise<void> {
  const { acs, realtime, speech } = world.standIns;
  realtime.faults.refuseUpgrade = { status: 403, times: 99 };
  Object.assign(speech.faults, { refuse: 401 });
  const phone = createTonePhone({ hz: 400, level: 0 });
  acs.ring({ from: '+15550125', phone });
  await phone.closed;
  realtime.faults.refuseUpgrade = undefined;
  Object.assign(speech.faults, { refuse: undefined });
}

/** An order that the dial guard does not take, a callback that nobody signed, and a carrier that does not let us answer. */
async function refuse(world: World): Promise<void> {
  const { acs } = world.standIns;
  await sleep(untilAllKnowMs);
  assert.equal((await world.ask('/api/call', { to: '+442079460000' })).status, 403);
  assert.equal((await world.ask('/api/callbacks/in-unknown', [])).status, 401);
  acs.faults.rest.add({ operation: 'answerCall', instead: { status: 400 }, times: 9 });
  const phone = createTonePhone({ hz: 400, level: 0 });
  acs.ring({ from: '+15550126', phone });
  await sleep(untilAllKnowMs);
  acs.faults.rest.clear();
}

/** A call whose caller is handed over to nobody, whose outcome is not found out, and whose recording nobody tells of. */
async function leaveUndone(world: World): Promise<void> {
  const { acs, chat, voice } = world.standIns;
  await sleep(untilAllKnowMs);
  acs.eventGrid.faults.drop = (name) => name === 'RecordingFileStatusUpdated';
  const script: readonly PersonStep[] = [
    { wait: 'agent-finished' },
    { say: 'Can I speak to a person?' },
    { wait: 'agent-finished' },
    { pauseMs: 15_000 },
    { hangUp: true },
  ];
  const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
  acs.phones.set(recordedCallee, { kind: 'answers', afterMs: 200, phone }).set(sales, { kind: 'busy' });
  const placed = await world.ask('/api/call', { to: recordedCallee, carrier: 'acs', agent: 'clerk' });
  assert.equal(placed.status, 201);
  chat.faults.next.push({ kind: 'content', content: '{}' });
  assert.equal((await phone.done).outcome, 'finished');
  await sleep(untilOverdueMs);
  acs.eventGrid.faults.drop = () => false;
}
