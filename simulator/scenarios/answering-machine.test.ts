// Calls that we place, and who picks up: a person is talked with, a machine is left a message after its beep or hung up on.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadAgents } from '../../shared/agents/agent.ts';
import { type CallDetail, callDetailSchema, placedCallSchema } from '../../shared/api.ts';
import type { PhoneCarrier, VoiceModelKind } from '../../shared/call/call.ts';
import { type AnsweringMachineReport, createAnsweringMachine } from '../caller/answering-machine.ts';
import { createPerson } from '../caller/person.ts';
import type { Phone } from '../caller/phone.ts';
import { openPhraseBook, type PhraseBook } from '../voice/phrase-book.ts';
import { agentVoice } from '../voice/speech.ts';
import { startWorld, type World } from '../world/world.ts';

const longGreeting =
  'You have reached the voice mail of Alex. I am sorry that I cannot take your call right now. Please leave a message after the tone.';
const message = loadAgents('agents').get('screening')!.voicemail_message!;
/** One sentence: the cascade speaks each on its own, with pauses that the phrase book does not know. */
const briefMessage = 'This is Contoso, please call us back on this number.';
const front = 'greeting: Hello, this is Contoso.\nmodels: [gpt-realtime, voice-live, cascade]';
const impatient = `---\nname: impatient\n${front}\non_machine: hang-up\n---\nBe brief.`;
const brief = `---\nname: brief\n${front}\non_machine: leave-message\nvoicemail_message: ${briefMessage}\n---\nBe brief.`;

let folder: string;
let world: World;
let book: PhraseBook;
let greeting: Int16Array;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-machine-'));
  await cp('agents', join(folder, 'agents'), { recursive: true });
  await writeFile(join(folder, 'agents', 'impatient.md'), impatient);
  await writeFile(join(folder, 'agents', 'brief.md'), brief);
  const settings = { AGENTS_FOLDER: join(folder, 'agents'), DATA_FOLDER: join(folder, 'data') };
  world = await startWorld({ timeScale: 0.1, settings });
  const { voice, twilio } = world.standIns;
  // What is found out here is found out by ear.
  twilio.faults.amd.answeredBy = 'unknown';
  greeting = await voice.speak(longGreeting);
  book = await openPhraseBook([message, briefMessage], (text) => voice.speak(text, agentVoice));
});
after(async () => {
  await world.stop();
  await rm(folder, { recursive: true });
});

let numbers = 0;

/** Resolves when the call is over, with what the API says of it. */
async function call(
  phone: Phone,
  order: { carrier: PhoneCarrier; model?: VoiceModelKind; agent?: string },
  path = '/api/initiateOutboundCall',
): Promise<CallDetail> {
  const to = `+155501${String(60 + numbers++)}`;
  world.standIns[order.carrier].phones.set(to, { kind: 'answers', afterMs: 1000, phone });
  const ended = Promise.withResolvers<void>();
  const unwatch = await world.watch((told) => {
    if (told.type === 'status' && told.status === 'ended' && told.call_id === callId) ended.resolve();
  });
  const answer = await world.ask(path, { to, ...order });
  assert.equal(answer.status, 201);
  const callId = placedCallSchema.parse(await answer.json()).call_id;
  await ended.promise;
  unwatch();
  return callDetailSchema.parse(await (await world.ask(`/api/calls/${callId}`)).json());
}

function checkMessage({ recording, firstSoundMs }: AnsweringMachineReport, expected = message): void {
  assert.ok(firstSoundMs !== undefined, 'nothing was recorded');
  assert.ok(firstSoundMs < 5000, `the message began ${firstSoundMs} ms into the recording`);
  assert.equal(book.recognize(recording, 16000)?.phrase, expected);
}

describe('an outbound call', { concurrency: true }, () => {
  for (const carrier of ['acs', 'twilio'] as const) {
    it(`over ${carrier} is a conversation when a person picks up`, async () => {
      const script = [
        { pauseMs: 400 },
        { say: 'Hello.' },
        { wait: 'agent-finished' },
        { say: 'Goodbye.' },
        { wait: 'line-closed' },
      ] as const;
      const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
      const detail = await call(person, { carrier });
      assert.equal((await person.done).outcome, 'finished', (await person.done).reason);
      assert.partialDeepStrictEqual(detail, {
        agent: 'screening',
        answered_by: 'person',
        end_reason: 'agent-hung-up',
      });
    });

    it(`over ${carrier} leaves its message after the beep`, async () => {
      const machine = createAnsweringMachine({ greeting });
      const detail = await call(machine, { carrier, model: carrier === 'acs' ? 'gpt-realtime' : 'voice-live' });
      const report = await machine.done;
      checkMessage(report);
      assert.partialDeepStrictEqual(detail, { answered_by: 'machine', end_reason: 'voicemail' });
      const spoken = detail.turns.filter(({ role, interrupted }) => role === 'agent' && !interrupted);
      assert.deepEqual(
        spoken.map(({ text }) => text),
        [message],
        'it says nothing else to its end',
      );
    });

    it(`over ${carrier} ends when the agent leaves no messages`, async () => {
      const machine = createAnsweringMachine({ greeting });
      const detail = await call(machine, { carrier, agent: 'impatient' }, '/api/call');
      const { heard } = await machine.done;
      assert.ok(heard.length < greeting.length, 'it hangs up while the machine still talks');
      assert.partialDeepStrictEqual(detail, { answered_by: 'machine', end_reason: 'voicemail' });
    });
  }

  it('leaves its message in the silence of a machine that does not beep, also by the cascade', async () => {
    const machine = createAnsweringMachine({ greeting, beepMs: 0 });
    const detail = await call(machine, { carrier: 'acs', model: 'cascade', agent: 'brief' });
    checkMessage(await machine.done, briefMessage);
    assert.partialDeepStrictEqual(detail, { answered_by: 'machine', end_reason: 'voicemail', model: 'cascade' });
  });

  it('leaves its message with a machine that beeps after two words', async () => {
    const machine = createAnsweringMachine({
      greeting: await world.standIns.voice.speak('Alex here.'),
      pauseMs: 200,
    });
    const detail = await call(machine, { carrier: 'twilio' });
    checkMessage(await machine.done);
    assert.equal(detail.end_reason, 'voicemail');
  });
});
