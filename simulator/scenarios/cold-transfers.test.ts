// Calls that the carrier hands over by itself: which number is rung, what the caller hears when nobody answers, and what operators may do.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { phoneCarriers } from '../../shared/call/call.ts';
import type { Pickup } from '../caller/phone.ts';
import { createPuppetPhone } from '../caller/puppet-phone.ts';
import type { World } from '../world/world.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const [first, second, forbidden] = ['+15550178', '+15550179', '+442079460000'];
const agent = `---
name: receptionist
greeting: Hello.
models: [gpt-realtime]
tools: [transfer_to_human, hang_up]
transfer_targets:
  sales: { numbers: ["${forbidden}", "${first}", "${second}"], handover: cold }
  desk: "${first}"
---
Be kind.
`;

describe('a cold transfer', () => {
  let world: World;
  let calls: LiveCalls;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-cold-'));
    await writeFile(join(folder, 'receptionist.md'), agent);
    world = await startScenarioWorld({ settings: { AGENTS_FOLDER: folder } });
    calls = await LiveCalls.open(world);
  });
  after(async () => {
    calls.close();
    await world.stop();
    await rm(folder, { recursive: true, force: true });
  });

  let rung = 0;
  for (const carrier of phoneCarriers) {
    const { begin, saysAtLast, answers } = createHelpers(carrier);

    it(`through ${carrier} rings the next number, past one that the dial guard forbids`, async () => {
      const { number, phone, wish } = await begin([{ kind: 'busy' }, answers()]);
      await wish();
      await phone.closed;
      assert.equal(await calls.ended(number), 'transferred');
      assert.equal(dialled(carrier, second), true);
      assert.equal(dialled(carrier, forbidden), false);
    });

    it(`through ${carrier} gives the caller back when nobody takes it, and the agent says so`, async () => {
      const { number, phone, wish } = await begin([{ kind: 'busy' }, { kind: 'no-answer' }]);
      await wish();
      await saysAtLast(number, 'I am sorry, I could not connect you to sales: nobody answers.');
      await phone.say(await world.standIns.voice.speak('Goodbye.'));
      assert.equal(await calls.ended(number), 'agent-hung-up');
    });
  }

  it('by an operator is refused by the dial guard as any other, and gives the caller back as any other', async () => {
    const { begin, saysAtLast } = createHelpers('acs');
    const { number, phone } = await begin([{ kind: 'busy' }, { kind: 'busy' }]);
    const path = `/api/calls/${await calls.callId(number)}/transfer`;
    assert.equal((await world.ask(path, { target: 'sales' })).status, 403);
    assert.equal((await world.ask(path, { target: 'nobody' })).status, 400);
    assert.equal((await world.ask(path, { target: 'desk' })).status, 202);
    await saysAtLast(number, 'I am sorry, I could not connect you to desk: the line is busy.');
    phone.hangUp();
    assert.equal(await calls.ended(number), 'caller-hung-up');
  });

  function dialled(carrier: (typeof phoneCarriers)[number], number: string): boolean {
    const { acs, twilio } = world.standIns;
    return carrier === 'acs'
      ? JSON.stringify(acs.calls.map(({ operations }) => operations)).includes(number)
      : JSON.stringify(twilio.requests.map(({ form }) => [...form])).includes(number);
  }

  function createHelpers(carrier: (typeof phoneCarriers)[number]) {
    const answers = (): Pickup => {
      const person = createPuppetPhone();
      void person.through.then(() => setTimeout(() => person.hangUp(), 3_000));
      return { kind: 'answers', afterMs: 2_000, phone: person };
    };
    const saysAtLast = async (number: string, text: string) => {
      for (;;) {
        if (calls.turnsOf(number).at(-1)?.text === text) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const begin = async (pickups: readonly [Pickup, Pickup]) => {
      const { acs, twilio, voice } = world.standIns;
      const number = `+1555019${carrier === 'acs' ? 1 : 2}${rung++}`;
      const phones = (carrier === 'acs' ? acs : twilio).phones;
      phones.set(first, pickups[0]);
      phones.set(second, pickups[1]);
      const phone = createPuppetPhone();
      if (carrier === 'acs') acs.ring({ from: number, phone });
      else twilio.ring({ from: number, to: world.settings.TWILIO_PHONE_NUMBER!, phone });
      await saysAtLast(number, 'Hello.');
      const wish = async () => phone.say(await voice.speak('Can I speak to a person?'));
      return { number, phone, wish };
    };
    return { begin, saysAtLast, answers };
  }
});
