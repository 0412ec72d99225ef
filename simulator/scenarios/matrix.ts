// One call over one carrier format with each voice model in both directions: interrupted twice, with tools, ended by the agent.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { callDetailSchema } from '../../shared/api.ts';
import { type CallDirection, type Carrier, type VoiceModelKind, voiceModelKinds } from '../../shared/call/call.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import { phoneSampleRate } from '../caller/phone.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { openPhraseBook, type PhraseBook } from '../voice/phrase-book.ts';
import { agentVoice } from '../voice/speech.ts';
import type { Settings } from '../world/product.ts';
import type { World } from '../world/world.ts';
import { getWire, measureReplies, placeCall, poll } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

export interface MatrixFormat {
  readonly carrier: Carrier;
  readonly settings?: Settings;
}

const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'Please tell me about your company.' },
  { afterAgentSpokeMs: 1500, say: 'Stop, please.' },
  { wait: 'agent-finished' },
  { say: 'What time is it?' },
  { afterAgentSpokeMs: 600, say: 'Goodbye.' },
  { wait: 'line-closed' },
];
const said = script.flatMap((step) => ('say' in step ? [step.say] : []));
const greeting = 'Thank you for calling Contoso. How can I help you today?';
const ready = 'Of course. What else can I do for you?';
const farewell = 'Goodbye.';
/** The farewell takes 700 ms, and the line is closed when it was heard; what was cut before it was silent for longer than this. */
const farewellWithinMs = 1_100;
const story = 'Contoso was founded forty years ago in a small garage.';

/** The carrier's stand-in counts a frame as played when it begins to play. */
const frameMs = 20;
const toleranceMs = 20;

interface Cell {
  readonly world: World;
  readonly calls: LiveCalls;
  readonly model: VoiceModelKind;
  readonly direction: CallDirection;
  readonly number: string;
}

/** A world for each model, since an incoming call takes the one that the settings name. */
export function describeMatrix(title: string, { carrier, settings }: MatrixFormat): void {
  describe(title, { concurrency: true }, () => {
    const worlds = new Map<VoiceModelKind, { world: World; calls: LiveCalls }>();
    let book: PhraseBook;

    before(async () => {
      for (const model of voiceModelKinds) {
        const world = await startScenarioWorld({ settings: { VOICE_MODEL: model, ...settings } });
        worlds.set(model, { world, calls: await LiveCalls.open(world) });
        book ??= await openPhraseBook([greeting, ready, farewell], (text) =>
          world.standIns.voice.speak(text, agentVoice),
        );
      }
    });
    after(async () => {
      for (const { world, calls } of worlds.values()) {
        calls.close();
        await world.stop();
      }
    });

    for (const model of voiceModelKinds) {
      for (const direction of ['inbound', 'outbound'] as const) {
        it(`${model}, ${direction}`, async (t) => {
          const number = direction === 'inbound' ? '+15550111' : '+15550112';
          await converse(t, { ...worlds.get(model)!, model, direction, number }, carrier, book);
        });
      }
    }
  });
}

async function converse(t: TestContext, cell: Cell, carrier: Carrier, book: PhraseBook): Promise<void> {
  const { world, calls, model, direction, number } = cell;
  const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  await placeCall(world, { carrier, direction, number, phone: person, ...(direction === 'outbound' && { model }) });
  const report = await person.done;
  assert.equal(report.outcome, 'finished', report.reason);
  const callId = await calls.callId(number);
  assert.equal(await calls.ended(number), 'agent-hung-up');

  checkEar(report, book);
  checkModelsEar(cell);
  checkTurns(calls.turnsOf(number));
  assert.deepEqual(
    calls.eventsOf(number, 'tool-called').map(({ name, ok }) => ({ name, ok })),
    [
      { name: 'current_time', ok: true },
      { name: 'hang_up', ok: true },
    ],
  );
  checkHeardPositions(t, cell, carrier);
  await checkRecord(cell, carrier, callId);

  const latencies = calls.eventsOf(number, 'reply-timed').map(({ latencyMs }) => latencyMs);
  t.diagnostic(`answers began ${latencies.join(', ')} ms after the turn's end was told`);
}

/** What came out of the earpiece: the three replies that were not cut are known by their sound. */
function checkEar({ heard, lines }: PersonReport, book: PhraseBook): void {
  const [request, interruption, question] = lines;
  for (const line of [request!, interruption!, question!])
    assert.ok(line.answeredAfterMs !== undefined, `"${line.text}" was not answered`);
  const { agentStoppedAfterMs = Number.POSITIVE_INFINITY } = interruption!;
  // Eight seconds of the story lay ahead.
  assert.ok(agentStoppedAfterMs < 1500, `the agent stopped after ${agentStoppedAfterMs} ms`);
  const hear = (fromMs: number, toMs?: number) => {
    const [from, to] = [fromMs, toMs].map((ms) => ms && (ms * phoneSampleRate) / 1000);
    return book.recognize(heard.subarray(from, to), phoneSampleRate)?.phrase;
  };
  assert.equal(hear(0, request!.startedMs), greeting);
  assert.equal(hear(interruption!.startedMs + agentStoppedAfterMs, question!.startedMs), ready);
  assert.equal(hear((heard.length * 1000) / phoneSampleRate - farewellWithinMs), farewell);
}

/** Both calls of a world went to the same stand-in: a session is told by its instructions, a phrase of the cascade is not. */
function checkModelsEar({ world, model, direction }: Cell): void {
  const { realtime, speech } = world.standIns;
  if (model === 'cascade') {
    for (const phrase of said) assert.ok(speech.heard.includes(phrase), `"${phrase}" was not heard`);
    assert.ok(!speech.heard.includes(undefined), 'something was heard that nobody said');
    return;
  }
  const session = realtime.sessions.find((session) => isOutbound(session) === (direction === 'outbound'))!;
  assert.deepEqual(
    session.log.heard.map(({ phrase }) => phrase),
    said,
  );
  assert.deepEqual(session.log.of('error'), []);
}

function isOutbound({ wireSession }: RealtimeSession): boolean {
  return String(wireSession.instructions).includes('You placed this call');
}

function checkTurns(turns: readonly { role: string; text: string; interrupted: boolean }[]): void {
  const [told, time] = turns.filter(({ interrupted }) => interrupted).map(({ text }) => text);
  assert.ok(told && story.startsWith(told), `of the story was kept: ${told}`);
  assert.ok('It is '.startsWith(time?.slice(0, 6) ?? '-'), `of the time was kept: ${time}`);
  assert.deepEqual(
    turns.filter(({ role }) => role === 'caller').map(({ text }) => text),
    said,
  );
  assert.deepEqual(
    turns.filter(({ role, interrupted }) => role === 'agent' && !interrupted).map(({ text }) => text),
    [greeting, ready, farewell],
  );
}

/** The product, the model and the carrier agree on how much was heard of what was cut. */
function checkHeardPositions(t: TestContext, { world, calls, model, direction, number }: Cell, carrier: Carrier): void {
  const wire = getWire(world, { carrier, number });
  assert.equal(wire.invalidMessages, 0);
  const [, told, , time] = measureReplies(wire).filter(({ playedMs }) => playedMs > frameMs);
  const played = [told!, time!];
  const heard = calls.eventsOf(number, 'agent-interrupted').map(({ heardMs }) => heardMs);
  assert.equal(heard.length, 2);
  const shown = played.map(({ playedMs, elapsedMs }) => `${playedMs} (${elapsedMs} by the clock)`);
  t.diagnostic(`heard by our count ${heard.join(', ')} ms; played by the carrier ${shown.join(', ')} ms`);
  for (const [index, { playedMs, elapsedMs }] of played.entries()) {
    const least = Math.min(playedMs - frameMs, elapsedMs) - toleranceMs;
    const most = Math.max(playedMs, elapsedMs) + toleranceMs;
    assert.ok(heard[index]! >= least && heard[index]! <= most, `played ${shown[index]}, we say ${heard[index]}`);
  }
  if (model === 'cascade') return;
  const session = world.standIns.realtime.sessions.find((found) => isOutbound(found) === (direction === 'outbound'))!;
  const truncated = session.log.truncations.map(({ audioEndMs }) => audioEndMs);
  assert.equal(truncated.length, 2);
  for (const [index, ms] of truncated.entries()) assert.ok(Math.abs(ms - heard[index]!) <= 1, `truncated at ${ms}`);
}

async function checkRecord({ world, model, direction, number }: Cell, carrier: Carrier, callId: string): Promise<void> {
  const url = `${world.product.functionsUrl}/api/calls/${callId}`;
  const shown = await poll(
    async () => callDetailSchema.parse(await (await fetch(url)).json()),
    ({ turns }) => turns.length === 9,
  );
  assert.partialDeepStrictEqual(shown, {
    status: 'ended',
    end_reason: 'agent-hung-up',
    phone_number: number,
    carrier,
    direction,
    model,
  });
  assert.equal(shown.turns.length, 9);
}
