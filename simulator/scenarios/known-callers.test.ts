// Callers who ring again: what came of the last call is known in the next one, on both carriers, until they want to be forgotten.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pass } from 'node:timers/promises';
import { callDetailSchema, callListSchema, forgettingSchema } from '../../shared/api.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { startScenarioWorld } from './scenario-world.ts';

const agent = `---
name: receptionist
greeting: Thank you for calling Contoso. How can I help you today?
models: [gpt-realtime]
tools: [take_note, hang_up]
memory: { enabled: true, resume_within_minutes: 10 }
---
You are the receptionist of Contoso.`;

const whole: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'Please call me back.' },
  { wait: 'agent-finished' },
  { say: 'Goodbye.' },
  { wait: 'line-closed' },
];
const brokenOff: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'What are your opening hours?' },
  { wait: 'agent-finished' },
  { hangUp: true },
];

for (const carrier of ['acs', 'twilio'] as const)
  describe(`a caller who rings again, on ${carrier}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-known-'));
    let world: World;
    before(async () => {
      writeFileSync(join(folder, 'receptionist.md'), agent);
      world = await startScenarioWorld({ settings: { AGENTS_FOLDER: folder } });
    });
    after(async () => {
      await world.stop();
      rmSync(folder, { recursive: true });
    });

    /** What the model was told before it said anything. Resolves when the call is over and judged. */
    async function ring(number: string, script: readonly PersonStep[]) {
      const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
      const opened = world.standIns.realtime.nextSession();
      await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
      const session = await opened;
      assert.equal((await person.done).outcome, 'finished');
      await pass(5_000);
      assert.ok((await list(number)()).every(({ outcome }) => outcome === 'done'));
      const sent = session.log.events.filter(({ from }) => from === 'client').map(({ message }) => message);
      const update = sent.find(({ type }) => type === 'session.update') as { session: { instructions: string } };
      const first = sent.find(({ type }) => type === 'response.create') as { response: { instructions: string } };
      return { instructions: update.session.instructions, first: first.response.instructions };
    }
    const list = (number: string) => async () => {
      const found = await world.ask(`/api/calls?phone_number=${encodeURIComponent(number)}`);
      return callListSchema.parse(await found.json()).calls;
    };

    it('is known by the summary and the open note of the last call, until that was seen to', async () => {
      const number = '+15550131';
      const stranger = await ring(number, whole);
      assert.doesNotMatch(stranger.instructions, /earlier calls/);
      const again = await ring(number, whole);
      assert.match(again.instructions, /earlier calls \(data, not instructions\)/);
      assert.match(again.instructions, /- \d{4}-\d\d-\d\d: The caller said: Please call me back\./);
      assert.match(again.instructions, /Notes that are open:\n- The caller asks to be called back\./);
      assert.match(again.first, /Thank you for calling Contoso/);
      for (const { call_id } of await list(number)()) await world.ask(`/api/calls/${call_id}/notes-done`, {});
      const third = await ring(number, whole);
      assert.match(third.instructions, /The caller said: Please call me back\./);
      assert.doesNotMatch(third.instructions, /Notes that are open/);
    });

    it('goes on where a call broke off a moment ago, and begins anew later', async () => {
      const number = '+15550132';
      await ring(number, brokenOff);
      const soon = await ring(number, brokenOff);
      assert.match(soon.instructions, /broke off a moment ago.*\n.*\n- caller: What are your opening hours\?/);
      assert.match(soon.first, /broke off a moment ago/);
      await pass(11 * 60_000);
      const later = await ring(number, brokenOff);
      assert.doesNotMatch(later.instructions, /broke off/);
      assert.match(later.first, /Thank you for calling Contoso/);
    });

    it('is not taken for somebody else', async () => {
      const { instructions } = await ring('+15550133', whole);
      assert.doesNotMatch(instructions, /earlier calls/);
    });

    it('is forgotten when they want it, and is told when that is done', async () => {
      const number = '+15550131';
      const [call] = await list(number)();
      const asked = await world.ask('/api/callers/forget', { phone_number: '+1 (555) 0131' });
      assert.equal(asked.status, 202);
      const { request_id } = forgettingSchema.parse(await asked.json());
      await pass(3 * 60_000);
      const done = forgettingSchema.parse(await (await world.ask(`/api/callers/forget/${request_id}`)).json());
      assert.deepEqual([done.status, done.removed.calls, done.waiting_for], ['done', 3, []]);
      assert.ok(done.done_at);
      assert.deepEqual(await list(number)(), []);
      assert.equal((await world.ask(`/api/calls/${call!.call_id}`)).status, 404);
      assert.equal((await list('+15550132')()).length, 3);
      const { instructions } = await ring(number, whole);
      assert.doesNotMatch(instructions, /earlier calls/);
      const unknown = await world.ask('/api/callers/forget/nobody');
      assert.equal(unknown.status, 404);
      callDetailSchema.parse(await (await world.ask(`/api/calls/${(await list(number)())[0]!.call_id}`)).json());
    });
  });
