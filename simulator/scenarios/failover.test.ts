// Models that refuse, or die in mid-call: the caller is served by the next one, which knows what was said before.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callDetailSchema } from '../../shared/api.ts';
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { level } from '../caller/agent-ear.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import { phoneFrameSamples, phoneSampleRate } from '../caller/phone.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import type { World } from '../world/world.ts';
import { getWire, placeCall, poll } from './carrier-leg.ts';
import { startWatchedWorld } from './watched-world.ts';

const greeting = 'Thank you for calling Contoso. How can I help you today?';
const request = 'Please tell me about your company.';
const question = 'What time is it?';
const farewell: readonly PersonStep[] = [{ say: 'Goodbye.' }, { wait: 'line-closed' }];
/** From the loss of a model to the next sound, whatever it is: after two seconds of nothing people say "hello?". */
const longestSilenceMs = 2_000;
const audible = 150;
const carrier = 'acs';

async function ring(
  world: World,
  number: string,
  script: readonly PersonStep[],
): Promise<{ done: Promise<PersonReport> }> {
  const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
  return { done: person.done };
}

/** The session's last message of this type, as soon as there is one that matches. */
async function logged(session: RealtimeSession, type: string, isIt: (message: Record<string, unknown>) => boolean) {
  const found = await poll(
    async () => session.log.of(type).some(isIt),
    (is) => is,
    30_000,
  );
  assert.ok(found, `${type} never came`);
}

/** In ms, between two moments of what was heard. */
function findLongestSilence({ heard }: PersonReport, fromMs: number, toMs: number): number {
  let longest = 0;
  let silent = 0;
  const perMs = phoneSampleRate / 1000;
  for (let at = fromMs * perMs; at + phoneFrameSamples <= toMs * perMs; at += phoneFrameSamples) {
    silent = level(heard.subarray(at, at + phoneFrameSamples)) < audible ? silent + 20 : 0;
    longest = Math.max(longest, silent);
  }
  return longest;
}

describe('failover', { concurrency: true }, () => {
  it('goes from Realtime to Voice Live to the cascade in one call, each told what was said', async (t) => {
    // Little faster than it is heard: what was made of a reply before its model died is soon heard to its end.
    const { world, calls } = await startWatchedWorld(t, { realtimeTiming: { audioSpeed: 1.5 } });
    const { realtime, speech, chat } = world.standIns;
    const number = '+15550131';
    const opened = realtime.nextSession();
    const { done } = await ring(world, number, [
      { wait: 'agent-finished' },
      { say: request },
      { wait: 'agent-finished' },
      { say: question },
      { wait: 'agent-finished' },
      { pauseMs: 3_000 },
      { say: 'What are your opening hours?' },
      { wait: 'agent-finished' },
      ...farewell,
    ]);

    const first = await opened;
    assert.equal(first.dialect, 'realtime-ga');
    await logged(first, 'response.output_audio_transcript.delta', ({ delta }) => String(delta).includes('founded'));
    await sleep(1_500);
    const next = realtime.nextSession();
    const firstLostMs = performance.now();
    realtime.kill(first, 1006);
    const second = await next;
    assert.equal(second.dialect, 'voice-live');
    await calls.told(number, 'model-opened', 2);
    const secondTookMs = performance.now() - firstLostMs;

    // The cascade is slow to open, and the caller waits for an answer: this silence has to be filled.
    const completed = 'conversation.item.input_audio_transcription.completed';
    realtime.faults.slowFirstAudioMs = 2_000;
    speech.faults.slowAcceptMs = 2_500;
    await logged(second, completed, ({ transcript }) => transcript === question);
    const secondLostMs = performance.now();
    realtime.kill(second, 1006);
    await calls.told(number, 'model-opened', 3);
    speech.faults.slowAcceptMs = 0;

    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(await calls.ended(number), 'agent-hung-up');
    assert.deepEqual(
      calls.eventsOf(number, 'model-lost').map(({ model }) => model),
      ['gpt-realtime', 'voice-live'],
    );
    assert.deepEqual(
      calls.eventsOf(number, 'model-opened').map(({ model }) => model),
      ['gpt-realtime', 'voice-live', 'cascade'],
    );

    assert.ok(secondTookMs < longestSilenceMs, `the second model was ready after ${secondTookMs} ms`);
    const [told, asked] = report.lines;
    const silentMs = findLongestSilence(report, told!.finishedMs + told!.answeredAfterMs!, asked!.startedMs);
    assert.ok(silentMs <= longestSilenceMs, `${silentMs} ms of silence within a story`);
    const filled = getWire(world, { carrier, number }).frames.find(({ atMs }) => atMs > secondLostMs)!;
    const filledAfterMs = Math.round(filled.atMs - secondLostMs);
    assert.ok(filledAfterMs <= longestSilenceMs, `${filledAfterMs} ms without a sound`);
    t.diagnostic(
      `ready after ${Math.round(secondTookMs)} ms, longest silence ${silentMs} ms; next sound after ${filledAfterMs} ms`,
    );

    const seeded = second.log.events.flatMap(({ from, type, message }) =>
      from === 'client' && type === 'conversation.item.create' ? [message.item as SeededItem] : [],
    );
    checkHistory(seeded.map(({ role, content }) => ({ role, text: content.map(({ text }) => text).join('') })));
    const messages = chat.requests[0]!.messages.filter(({ role }) => role !== 'system');
    const history = messages.map(({ role, content }) => ({ role, text: String(content) }));
    checkHistory(history);
    assert.deepEqual(history.at(-1), { role: 'user', text: question });
    assert.ok(report.lines[2]!.answeredAfterMs !== undefined, 'the third model does not answer');
    const turns = calls.turnsOf(number).map(({ text }) => text);
    assert.ok(turns.includes('We are open from nine to five, Monday to Friday.'), turns.join(' | '));
  });

  it('greets the caller with the next model when the first ones refuse, and apologises when all do', async (t) => {
    const { world, calls } = await startWatchedWorld(t);
    const { realtime, speech } = world.standIns;
    const cases = [
      { status: 401, times: 1, code: 'MODEL_REFUSED', lost: ['gpt-realtime'], model: 'voice-live' },
      { status: 429, times: 2, code: 'MODEL_THROTTLED', lost: ['gpt-realtime', 'voice-live'], model: 'cascade' },
    ] as const satisfies { lost: VoiceModelKind[]; status: number; times: number; code: string; model: string }[];
    for (const [index, { status, times, code, lost, model }] of cases.entries()) {
      const number = `+1555014${index}`;
      realtime.faults.refuseUpgrade = { status, times };
      const { done } = await ring(world, number, [{ wait: 'agent-finished' }, { hangUp: true }]);
      const report = await done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.equal(await calls.ended(number), 'caller-hung-up');
      assert.deepEqual(
        calls.eventsOf(number, 'model-lost'),
        lost.map((model) => ({ model, code })),
      );
      assert.equal(calls.eventsOf(number, 'model-opened')[0]?.model, model);
      assert.deepEqual(
        calls.turnsOf(number).map(({ text }) => text),
        [greeting],
      );
    }

    const number = '+15550149';
    realtime.faults.refuseUpgrade = { status: 503, times: Number.POSITIVE_INFINITY };
    speech.faults.refuse = 401;
    const { done } = await ring(world, number, [{ wait: 'line-closed' }]);
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(await calls.ended(number), 'model-unavailable');
    // Realtime and Voice Live may recover and are asked for some seconds; a wrong key stays wrong.
    const lost = calls.eventsOf(number, 'model-lost').map(({ model }) => model);
    assert.deepEqual(lost.slice(0, 3), ['gpt-realtime', 'voice-live', 'cascade']);
    assert.deepEqual(lost.slice(3), Array.from({ length: 4 }, () => ['gpt-realtime', 'voice-live']).flat());
    const spoken = report.timeline.filter(({ type }) => type === 'agent-started' || type === 'line-closed');
    assert.ok(spoken[0]!.atMs < 2_000, `the first word after ${spoken[0]!.atMs} ms: somebody is there`);
    const apologyMs = spoken.at(-1)!.atMs - spoken.at(-2)!.atMs;
    assert.ok(apologyMs > 1_500, `an apology of ${apologyMs} ms`);
    assert.ok(spoken.at(-1)!.atMs < 12_000, `given up after ${spoken.at(-1)!.atMs} ms`);
    const shown = await fetch(`${world.product.functionsUrl}/api/calls/${await calls.callId(number)}`);
    const { end_reason } = callDetailSchema.parse(await shown.json());
    assert.equal(end_reason, 'model-unavailable');
  });
});

interface SeededItem {
  readonly role: string;
  readonly content: readonly { readonly text: string }[];
}

/** The greeting, the caller's request, and what was heard of the answer. */
function checkHistory(items: readonly { role: string; text: string }[]): void {
  assert.partialDeepStrictEqual(items.slice(0, 2), [
    { role: 'assistant', text: greeting },
    { role: 'user', text: request },
  ]);
  assert.equal(items[2]?.role, 'assistant');
  assert.match(items[2].text, /^Contoso was founded forty years ago/);
}
