// Callers who say nothing, talk for too long, or key in what nobody may read.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { PhoneCarrier } from '../../shared/call/call.ts';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { AgentEar } from '../caller/agent-ear.ts';
import { phoneFrameSamples } from '../caller/phone.ts';
import { createPuppetPhone } from '../caller/puppet-phone.ts';
import { startScenarioWorld } from './scenario-world.ts';

const number = '+15550161';

/** A call to an agent with these lines in its file. */
async function ring(t: TestContext, carrier: PhoneCarrier, lines: string) {
  const AGENTS_FOLDER = await mkdtemp(join(tmpdir(), 'parley-attended-'));
  t.after(() => rm(AGENTS_FOLDER, { recursive: true, force: true }));
  const front = `name: receptionist\ngreeting: Hello.\nmodels: [gpt-realtime]\n${lines}`;
  await writeFile(join(AGENTS_FOLDER, 'receptionist.md'), `---\n${front}\n---\nBe kind.\n`);
  const world = await startScenarioWorld({ settings: { AGENTS_FOLDER } });
  t.after(() => world.stop());
  const messages: LiveMessage[] = [];
  let wake = () => {};
  t.after(
    await world.watch((message) => {
      messages.push(message);
      wake();
    }),
  );
  const until = async (fits: (message: LiveMessage) => boolean) => {
    for (;;) {
      const found = messages.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const { acs, twilio, realtime } = world.standIns;
  const phone = createPuppetPhone();
  const opened = realtime.nextSession();
  if (carrier === 'acs') acs.ring({ from: number, phone });
  else twilio.ring({ from: number, to: world.settings.TWILIO_PHONE_NUMBER!, phone });
  const { log } = await opened;
  const said = (text: string) =>
    until((message) => isTurn(message) && message.role === 'agent' && message.text === text);
  const ended = () => until((message) => message.type === 'status' && message.status === 'ended');
  return { world, phone, log, messages, said, ended };
}

type Turn = Extract<LiveMessage, { type: 'transcript' }>;
const isTurn = (message: LiveMessage): message is Turn => message.type === 'transcript' && message.final;

/** Where the agent was heard, in ms of the call. */
function findSpeech(heard: Int16Array): { startMs: number; endMs: number }[] {
  const ear = new AgentEar();
  const found: { startMs: number; endMs: number }[] = [];
  for (let at = 0; at + phoneFrameSamples <= heard.length; at += phoneFrameSamples) {
    const before = ear.startedMs;
    if (ear.hear(heard.subarray(at, at + phoneFrameSamples)) === 'finished')
      found.push({ startMs: before!, endMs: ear.lastSpeechMs });
  }
  return found;
}

it('a caller who says nothing is asked twice, told goodbye and hung up on, counted from what was heard', async (t) => {
  const { phone, messages, ended } = await ring(
    t,
    'acs',
    'silence: { after_seconds: 5, reprompt: Are you there?, goodbye: Goodbye. }',
  );
  assert.partialDeepStrictEqual(await ended(), { reason: 'agent-hung-up' });
  assert.deepEqual(
    messages.filter(isTurn).map(({ text }) => text),
    ['Hello.', 'Are you there?', 'Are you there?', 'Goodbye.'],
  );
  await phone.closed;
  const speech = findSpeech(phone.heard);
  const silences = speech.slice(1).map(({ startMs }, index) => startMs - speech[index]!.endMs);
  t.diagnostic(`silences ${silences.join(', ')} ms`);
  for (const ms of silences) assert.ok(ms > 4_900 && ms < 6_500, `${ms} ms`);
});

it('a call that lasts too long is warned, and ends', async (t) => {
  const { phone, messages, said, ended } = await ring(
    t,
    'twilio',
    'silence: { after_seconds: 300 }\nlongest_call: { minutes: 1, warn_before_seconds: 20, warning: We have to end soon. }',
  );
  const greeted = await said('Hello.');
  const warned = await said('We have to end soon.');
  const last = await ended();
  const [warnedMs, lastedMs] = [warned.at - greeted.at, last.at - greeted.at];
  t.diagnostic(`warned after ${warnedMs} ms, ended after ${lastedMs} ms`);
  assert.ok(warnedMs > 36_000 && warnedMs < 44_000, `${warnedMs} ms`);
  assert.ok(lastedMs > 57_000 && lastedMs < 74_000, `${lastedMs} ms`);
  assert.partialDeepStrictEqual(last, { reason: 'agent-hung-up' });
  assert.equal(messages.filter(isTurn).length, 3);
  await phone.closed;
});

it('digits that nobody may read are told the model, and nobody else', async (t) => {
  const { world, phone, log, messages, said, ended } = await ring(
    t,
    'twilio',
    'tools: [ask_for_keys]\nkeys: { questions: { card: { description: The number of the card., sensitive: true } } }',
  );
  await said('Hello.');
  await phone.say(await world.standIns.voice.speak('I would like to pay by card.'));
  const asked = await said('Please key in the number of your card.');
  for (const key of '4111222233#') {
    phone.press(key);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await said('Sorry, I did not understand.');
  phone.hangUp();
  await ended();
  const told = log.of('conversation.item.create').map(({ item }) => JSON.stringify(item));
  assert.match(told.join(), /keyed in 4111222233 \(card\)/);
  const shown = JSON.stringify(messages);
  assert.doesNotMatch(shown, /4111|"digit":"\d"/);
  assert.match(shown, /"digit":"•"/);
  const detail = await (await world.ask(`/api/calls/${asked.call_id}`)).text();
  assert.doesNotMatch(detail, /4111/);
});
