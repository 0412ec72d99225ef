// Calls that are recorded, on both carriers: nothing before the caller knows or agrees, nothing that nobody may hear, and all of it kept.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { type CallDetail, callDetailSchema, callListSchema, forgettingSchema, peaksSchema } from '../../shared/api.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { startScenarioWorld } from './scenario-world.ts';
import { greeting, readEnd, talkByBridge } from './talking-page.ts';

const agentOf = (name: string, recording: string) => `---
name: ${name}
greeting: Thank you for calling Contoso. How can I help you today?
models: [gpt-realtime]
tools: [hang_up, ask_for_keys]
keys: { questions: { pin: { sensitive: true, digits: 4 } } }
recording: ${recording}
---
You are the receptionist of Contoso.`;

const tool = (name: string, input: Record<string, unknown>) =>
  ({ name, arguments: input, report: 'Very well. Please go on.' }) as const;
const rules = {
  ...receptionistRules,
  phrases: [
    ...receptionistRules.phrases,
    { heard: 'Yes, you may do that.', tool: tool('answer_recording', { agreed: true }) },
    { heard: 'No, please do not do that.', tool: tool('answer_recording', { agreed: false }) },
    { heard: 'I want to pay.', tool: tool('ask_for_keys', { question: 'pin' }) },
    { heard: 'I will give you my card number.', tool: tool('pause_recording', { paused: true }) },
    { heard: 'That was the whole number.', tool: tool('pause_recording', { paused: false }) },
  ],
};

const say = (...lines: readonly string[]): PersonStep[] => [
  { wait: 'agent-finished' },
  ...lines.flatMap((line): PersonStep[] => [{ say: line }, { wait: 'agent-finished' }]),
  { hangUp: true },
];

for (const carrier of ['acs', 'twilio'] as const)
  describe(`a call that may be recorded, on ${carrier}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-recorded-'));
    let world: World;
    let calls = 0;
    before(async () => {
      writeFileSync(join(folder, 'receptionist.md'), agentOf('receptionist', '{ enabled: true }'));
      world = await startScenarioWorld({ rules, settings: { AGENTS_FOLDER: folder, DEFAULT_AGENT: 'receptionist' } });
    });
    after(async () => {
      await world.stop();
      rmSync(folder, { recursive: true });
    });

    /** New calls get the agent as its file is now. */
    async function ring(recording: string, script: readonly PersonStep[]): Promise<CallDetail> {
      writeFileSync(join(folder, 'receptionist.md'), agentOf('receptionist', recording));
      await pass(5_000);
      const number = `+155501${String(60 + calls++)}`;
      const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
      await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
      assert.equal((await person.done).outcome, 'finished');
      await pass(20_000);
      return show(number);
    }
    async function show(number: string): Promise<CallDetail> {
      const list = await (await world.ask(`/api/calls?phone_number=${encodeURIComponent(number)}`)).json();
      const [call] = callListSchema.parse(list).calls;
      return callDetailSchema.parse(await (await world.ask(`/api/calls/${call!.call_id}`)).json());
    }
    const recordings = () => world.standIns[carrier].recordings;

    it('is recorded once the caller was told: both sides apart, kept with us, removed at the carrier', async () => {
      const call = await ring('{ enabled: true }', say('What are your opening hours?'));
      assert.match(call.turns[0]!.text, /^This call is recorded\. Thank you for calling/);
      const { status, files, removed_at_carrier, peaks_url } = call.recording!;
      assert.deepEqual([status, files.length, files[0]!.channels, removed_at_carrier], ['kept', 1, 2, true]);
      assert.equal(recordings().at(-1)!.isRemoved, true);

      const audio = await world.ask(files[0]!.url);
      assert.equal(audio.headers.get('content-type'), 'audio/wav');
      const wav = Buffer.from(await audio.arrayBuffer());
      assert.equal(wav.length, files[0]!.bytes);
      const [left, right] = [firstSound(wav, 0), firstSound(wav, 1)];
      // The question, and then the answer: what was said before the notice was heard is not in it.
      assert.ok(left !== undefined && right !== undefined && left < right, `caller ${left} ms, agent ${right} ms`);

      const peaks = peaksSchema.parse(await (await world.ask(peaks_url!)).json());
      const loud = (side: string) => Buffer.from(side, 'base64').findIndex((byte) => byte > 8 && byte < 120) / 2;
      const [caller, agent] = [loud(peaks.caller) * 20, loud(peaks.agent) * 20];
      assert.ok(Math.abs(caller - left) < 300, `caller at ${caller} ms in the peaks, ${left} ms in the file`);
      assert.ok(Math.abs(agent - right) < 300, `agent at ${agent} ms in the peaks, ${right} ms in the file`);
    });

    it('can be listened to piece by piece', async () => {
      const { functionsUrl } = world.product;
      const { recording } = await show('+15550160');
      const fetchRange = (range: string) => fetch(`${functionsUrl}${recording!.files[0]!.url}`, { headers: { range } });
      const part = await fetchRange('bytes=0-3');
      assert.deepEqual([part.status, await part.text()], [206, 'RIFF']);
      assert.equal(part.headers.get('content-range'), `bytes 0-3/${recording!.files[0]!.bytes}`);
      assert.equal((await fetchRange('bytes=99999999-')).status, 416);
    });

    it('is not recorded before a yes, and then is', async () => {
      const before = recordings().length;
      const call = await ring(
        '{ enabled: true, consent: ask }',
        say('What are your opening hours?', 'Yes, you may do that.', 'Are you open on Saturday?'),
      );
      assert.match(call.turns[0]!.text, /How can I help you today\? May I record this call\?$/);
      assert.equal(recordings().length, before + 1);
      assert.equal(call.recording?.status, 'kept');
      const consent = call.turns.findIndex(({ text }) => text === 'Yes, you may do that.');
      const startedAt = Date.parse(call.recording!.started_at!);
      assert.ok(consent > 1 && startedAt >= Date.parse(call.turns[consent]!.at));
    });

    it('is not recorded after a no', async () => {
      const before = recordings().length;
      const call = await ring(
        '{ enabled: true, consent: ask }',
        say('No, please do not do that.', 'Are you open on Saturday?'),
      );
      assert.deepEqual([call.recording?.status, call.recording?.files, recordings().length], ['refused', [], before]);
    });

    it('is not recorded by default', async () => {
      const before = recordings().length;
      const call = await ring('{}', say('What are your opening hours?'));
      assert.deepEqual([call.recording, recordings().length], [undefined, before]);
    });

    it('has nothing of what is said while a card number is told', async () => {
      const call = await ring(
        '{ enabled: true }',
        say(
          'I will give you my card number.',
          'What are your opening hours?',
          'That was the whole number.',
          'Are you open on Saturday?',
        ),
      );
      const { durationMs } = recordings().at(-1)!.tape;
      const from = Date.parse(call.recording!.started_at!);
      const wholeMs = Date.parse(call.ended_at!) - from;
      assert.equal(call.recording?.status, 'kept');
      assert.ok(wholeMs - durationMs > 5_000, `${durationMs} ms of ${wholeMs} ms`);
    });

    it('has nothing of what is heard while keys are pressed that nobody may know', async () => {
      const [first, ...rest] = say('I want to pay.');
      const keys: PersonStep[] = [{ pauseMs: 5_000 }, { press: '1234' }, { wait: 'agent-finished' }];
      const call = await ring('{ enabled: true }', [first!, ...rest.slice(0, -1), ...keys, { hangUp: true }]);
      const missingMs = Date.parse(call.ended_at!) - Date.parse(call.recording!.started_at!);
      assert.equal(call.recording?.status, 'kept');
      assert.ok(missingMs - recordings().at(-1)!.tape.durationMs > 5_000);
    });

    it('is found at the carrier when nobody tells of it, where the carrier can be asked', async () => {
      const { acs, twilio } = world.standIns;
      twilio.faults.losesRecordingCallbacks = true;
      acs.eventGrid.faults.drop = (name) => name === 'RecordingFileStatusUpdated';
      const call = await ring('{ enabled: true }', say('What are your opening hours?'));
      assert.equal(call.recording?.status, 'awaited');
      await pass(15 * 60_000);
      twilio.faults.losesRecordingCallbacks = false;
      acs.eventGrid.faults.drop = () => false;
      const later = await show(call.phone_number!);
      assert.equal(later.recording?.status, carrier === 'twilio' ? 'kept' : 'awaited');
    });

    it('goes with its caller when they want to be forgotten', async () => {
      const call = await show('+15550160');
      await pass(60_000);
      const asked = await world.ask('/api/callers/forget', { phone_number: '+15550160' });
      assert.deepEqual(forgettingSchema.parse(await asked.json()).removed, { calls: 1, files: 2 });
      assert.equal((await world.ask(call.recording!.files[0]!.url)).status, 404);
      assert.equal((await world.ask(call.recording!.peaks_url!)).status, 404);
    });
  });

/** In ms; undefined: the channel is silent. */
function firstSound(wav: Buffer, channel: 0 | 1): number | undefined {
  for (let at = 44 + 2 * channel; at + 2 <= wav.length; at += 4)
    if (Math.abs(wav.readInt16LE(at)) > 2_000) return (at - 44) / 4 / 16;
  return undefined;
}

it('a page that talks with an agent whose calls are recorded is told of no recording: it has no carrier to make one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-unrecorded-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'receptionist.md'), agentOf('receptionist', '{ enabled: true, consent: ask }'));
  const world = await startScenarioWorld({ rules, settings: { AGENTS_FOLDER: folder, DEFAULT_AGENT: 'receptionist' } });
  t.after(() => world.stop());
  const { person, callId } = await talkByBridge(world, say());
  await person.done;
  const { turns } = await readEnd(world, callId);
  assert.deepEqual(
    turns.map(({ text }) => text),
    [greeting],
  );
});
