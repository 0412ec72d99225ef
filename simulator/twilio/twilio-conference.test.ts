// Conferences at the Twilio stand-in: who waits, who hears whom, who ends it, and what is told of it.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { createTonePhone } from '../caller/tone-phone.ts';
import { fitTone } from '../voice/tone.ts';
import { line, startTestApplication } from './twilio-test-application.ts';

const room = (url: string, attributes: string) =>
  `<Response><Dial action="${url}/after"><Conference beep="false" ${attributes}>room-1</Conference></Dial></Response>`;

async function setUp(t: TestContext) {
  const app = await startTestApplication(t, {
    '/wait': '<Response><Pause length="2"/></Response>',
    '/after': '<Response><Hangup/></Response>',
  });
  const [caller, person] = [createTonePhone({ hz: 400 }), createTonePhone({ hz: 700 })];
  const calls = [caller, person].map((phone, index) =>
    app.stand.ring({ from: `+1555016${index}`, to: line, phone }),
  ) as [ReturnType<typeof app.stand.ring>, ReturnType<typeof app.stand.ring>];
  for (const call of calls) await call.connected;
  const update = async (index: 0 | 1, attributes: string) => {
    await app.client.calls(calls[index].sid).update({ twiml: room(app.url, attributes) });
  };
  const told = () => app.hooks.filter(({ path }) => path === '/told').map(({ form }) => form.StatusCallbackEvent);
  return { ...app, caller, person, calls, update, told };
}

const snrDb = (heard: Int16Array, hz: number) => fitTone(heard.subarray(heard.length - 640), 16000, hz).snrDb;

it('lets two calls hear each other, and is over for both when one of them leaves that ends it', async (t) => {
  const { update, until, told, calls, caller, person, hooks, stand, url } = await setUp(t);
  const callback = `statusCallback="${url}/told" statusCallbackEvent="start join leave end"`;
  await update(1, `endConferenceOnExit="true" waitUrl="" ${callback}`);
  await until(() => told().includes('participant-join'));
  await update(0, `startConferenceOnEnter="false" endConferenceOnExit="true" waitUrl="${url}/wait"`);
  await until(() => told().includes('conference-start'));
  while (snrDb(caller.heard, 700) < 40) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(snrDb(person.heard, 400) > 40);
  person.hangUp();
  await Promise.all(calls.map(({ ended }) => ended));
  // The one who is left is asked about, and then hung up as was answered.
  const asked = hooks.filter(({ path }) => path === '/after').map(({ form }) => form.CallSid);
  assert.ok(asked.includes(calls[0].sid));
  await until(() => told().includes('conference-end'));
  assert.equal(told().filter((event) => event === 'participant-join').length, 2);
  assert.equal(stand.conferences.size, 0);
  assert.ok(!hooks.some(({ path }) => path === '/wait'));
});

it('plays to who waits alone, again and again, until other TwiML takes the call away', async (t) => {
  const { update, until, calls, client, hooks, stand, url } = await setUp(t);
  await update(0, `startConferenceOnEnter="false" waitUrl="${url}/wait"`);
  await until(() => hooks.filter(({ path }) => path === '/wait').length > 2);
  assert.equal(stand.conferences.get('room-1')!.hasStarted, false);
  await client.calls(calls[0].sid).update({ twiml: '<Response><Hangup/></Response>' });
  await calls[0].ended;
  assert.equal(stand.conferences.size, 0);
  // Nobody asks what to do after TwiML that was replaced.
  assert.ok(!hooks.some(({ path }) => path === '/after'));
});
