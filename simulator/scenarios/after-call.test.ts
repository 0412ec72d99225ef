// What follows a call, by Event Grid and real clients: a screening from dial to cited outcome, and every service of it away, while calls go on.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { type CallDetail, callDetailSchema, callListSchema } from '../../shared/api.ts';
import type { CallDirection, Carrier } from '../../shared/call/call.ts';
import { type BlobStorage, startBlobStorage } from '../blob/blob-storage.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import { type CustomTopic, startCustomTopic } from '../event-grid/custom-topic.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { startScenarioWorld } from './scenario-world.ts';

const agent = `---
name: screening
greeting: Hello, this is Contoso. Are you interested in the job?
models: [gpt-realtime]
tools: [take_note, hang_up]
recording: { enabled: true }
outcome:
  fields:
    interested: { type: yes-no, description: Whether the candidate wants the job. }
    place: { type: choice, choices: [remote, office], description: Where they want to work. }
    notice: { type: text, description: The time of notice. }
---
You call candidates.`;

const rules = {
  phrases: [
    { heard: 'Yes, I am interested.', reply: 'Very good. Where do you want to work?' },
    { heard: 'I prefer remote work, thank you.', reply: 'Thank you. Goodbye.' },
  ],
  otherwise: 'Pardon?',
};
const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'Yes, I am interested.' },
  { wait: 'agent-finished' },
  { say: 'I prefer remote work, thank you.' },
  { wait: 'agent-finished' },
  { hangUp: true },
];

describe('what follows a call', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-after-'));
  let world: World;
  let topic: CustomTopic;
  let blobs: BlobStorage;
  let deadLetters: BlobStorage;
  let calls = 0;
  before(async () => {
    writeFileSync(join(folder, 'screening.md'), agent);
    topic = await startCustomTopic({ timeScale: 0.1 });
    [blobs, deadLetters] = await Promise.all([startBlobStorage(), startBlobStorage('dead-letters')]);
    world = await startScenarioWorld({
      rules,
      settings: {
        AGENTS_FOLDER: folder,
        DEFAULT_AGENT: 'screening',
        EVENT_TOPIC_ENDPOINT: topic.endpoint,
        EVENT_TOPIC_KEY: topic.key,
        RECORDINGS_URL: blobs.containerUrl,
        RECORDINGS_KEY: blobs.key,
        DEAD_LETTERS_URL: deadLetters.containerUrl,
        DEAD_LETTERS_KEY: deadLetters.key,
      },
    });
    world.standIns.acs.eventGrid.putAsideIn(deadLetters);
    await topic.eventGrid.subscribe({
      url: `${world.product.functionsUrl}/runtime/webhooks/EventGrid?functionName=callEnded`,
      schema: 'eventgrid',
      kind: 'functions-trigger',
      eventTypes: ['Parley.CallEnded'],
      maxAttempts: 10,
    });
  });
  after(async () => {
    await world.stop();
    await Promise.all([topic.stop(), blobs.stop(), deadLetters.stop()]);
    rmSync(folder, { recursive: true });
  });

  /** The conversation is as ever, whatever else is away. */
  async function talk(carrier: Carrier & ('acs' | 'twilio'), direction: CallDirection = 'outbound'): Promise<string> {
    const number = `+155501${String(40 + calls++)}`;
    const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
    await placeCall(world, { carrier, direction, number, phone: person });
    const report = await person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.ok(report.lines.every(({ answeredAfterMs }) => answeredAfterMs !== undefined));
    return number;
  }
  async function show(number: string): Promise<CallDetail> {
    const list = await (await world.ask(`/api/calls?phone_number=${encodeURIComponent(number)}`)).json();
    const [call] = callListSchema.parse(list).calls;
    return callDetailSchema.parse(await (await world.ask(`/api/calls/${call!.call_id}`)).json());
  }

  for (const carrier of ['acs', 'twilio'] as const)
    it(`is a stored, checked and cited outcome of a screening, and its recording in Blob Storage, on ${carrier}`, async () => {
      const number = await talk(carrier);
      await pass(30_000);
      const { outcome, turns, recording, call_id } = await show(number);
      assert.deepEqual(outcome?.fields, {
        interested: { value: true, turns: [1] },
        place: { value: 'remote', turns: [3] },
        notice: { value: null, turns: [] },
      });
      assert.match(turns[1]!.text, /interested/i);
      assert.match(turns[3]!.text, /remote/i);
      assert.deepEqual([outcome?.status, outcome?.attempts, recording?.status], ['done', 1, 'kept']);
      assert.deepEqual([...blobs.blobs.keys()].filter((name) => name.startsWith(call_id)).sort(), [
        `${call_id}/0.wav`,
        `${call_id}/peaks.json`,
      ]);
      const told = topic.eventGrid.attempts.filter(({ outcome: status }) => status === '202');
      assert.ok(told.length > 0, 'Event Grid told the function');
    });

  const outages = {
    'the topic is away': { begin: () => void (topic.fail = 503), end: () => void (topic.fail = undefined) },
    'the topic hangs': { begin: () => void (topic.fail = 'silence'), end: () => void (topic.fail = undefined) },
    'Blob Storage is away': { begin: () => void (blobs.fail = 503), end: () => void (blobs.fail = undefined) },
    'the chat service is throttled': {
      begin: () => void world.standIns.chat.faults.next.push({ kind: 'status', status: 429 }),
      end: () => {},
    },
  } as const;
  for (const [name, { begin, end }] of Object.entries(outages))
    it(`is made good, and the call goes on, while ${name}`, async () => {
      const paidFor = world.standIns.chat.requests.length;
      begin();
      const number = await talk('twilio', 'inbound');
      await pass(30_000);
      end();
      // The carrier is asked for a recording that nobody told of after ten minutes.
      await pass(20 * 60_000);
      const { outcome, recording } = await show(number);
      assert.deepEqual([outcome?.status, recording?.status], ['done', 'kept']);
      assert.equal(world.standIns.chat.requests.length, paidFor + 1);
    });

  it('is a recording of ACS that nobody could be told of, fetched from what Event Grid has put aside', async () => {
    const { acs } = world.standIns;
    blobs.fail = 503;
    const number = await talk('acs');
    // Event Grid tries ten times as fast here: two hours are twelve minutes.
    await pass(12 * 60_000);
    assert.equal((await show(number)).recording?.status, 'awaited');
    assert.equal(acs.eventGrid.deadLetters.at(-1)?.deliveryAttempts, 8);
    const [letter] = [...deadLetters.blobs.values()];
    assert.match([...deadLetters.blobs.keys()].join(), /^RECORDING-FILES\/\d{4}(\/[1-9]\d?){2}\/\d{1,2}\/[^/]+\.json$/);
    // The container hangs for a while: whoever looks into it gives up, and looks again.
    deadLetters.fail = 'silence';
    blobs.fail = undefined;
    await pass(4 * 60_000);
    assert.equal((await show(number)).recording?.status, 'awaited');
    deadLetters.fail = undefined;
    await pass(3 * 60_000);
    const { recording, call_id } = await show(number);
    assert.deepEqual([recording?.status, recording?.removed_at_carrier], ['kept', true]);
    assert.equal(acs.recordings.at(-1)!.isRemoved, true);
    assert.ok(blobs.blobs.has(`${call_id}/0.wav`));
    assert.deepEqual([...deadLetters.blobs.keys()], []);

    // The same event once more, late: nothing is brought or written twice.
    const kept = blobs.blobs.get(`${call_id}/0.wav`);
    const told = JSON.parse(letter!.content.toString())[0] as { subject: string; data: unknown };
    acs.eventGrid.publish({ type: 'Microsoft.Communication.RecordingFileStatusUpdated', ...told });
    await pass(3 * 60_000);
    assert.equal(blobs.blobs.get(`${call_id}/0.wav`), kept);
    assert.equal((await show(number)).recording?.files.length, 1);
  });
});
